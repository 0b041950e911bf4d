# SPDX-License-Identifier: Apache-2.0
"""Each metric is there and moves as its words say; none of them grows with what records hold."""

import json
import pathlib
import re
import sqlite3
import subprocess

from eddy import BINARY, BUILD, HostTest, wait_for

KINDS = "kinds_in"


def families(text):
    """{name: type} of a scrape."""
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))


class Metrics(HostTest):
    # The contract: what an installation may rely on.
    CONTRACT = {
        "eddy_records_total": ("counter", {"function", "outcome"}),
        "eddy_dead_letters_total": ("counter", {"queue", "function", "source", "error_type"}),
        "eddy_dead_letter_write_failures_total": ("counter", {"queue"}),
        "eddy_dead_letter_queue_depth": ("gauge", {"queue"}),
        "eddy_dead_letter_oldest_seconds": ("gauge", {"queue"}),
        "eddy_recoveries_total": ("counter", {"queue", "outcome"}),
        "eddy_recovery_success_ratio": ("gauge", {"queue"}),
        "eddy_recovery_seconds": ("histogram", {"queue"}),
        "eddy_call_seconds": ("histogram", {"function"}),
        "eddy_call_faults_total": ("counter", {"function", "kind"}),
        "eddy_retries_total": ("counter", {"function", "mode"}),
        "eddy_retry_backlog": ("gauge", {"function", "mode"}),
        "eddy_breaker_state": ("gauge", {"function"}),
        "eddy_consumer_lag": ("gauge", {"function", "stream", "partition"}),
        "eddy_plugin_info": ("gauge", {"plugin", "version", "build_id"}),
        "eddy_plugin_loads_total": ("counter", {"plugin", "result"}),
        "eddy_plugin_state": ("gauge", {"plugin", "state"}),
        "eddy_ingest_requests_total": ("counter", {"api", "code"}),
        "eddy_ingest_records_total": ("counter", {"api", "result"}),
        "eddy_ingest_seconds": ("histogram", {"api"}),
        "eddy_table_rows_total": ("counter", {"table", "result"}),
        "eddy_table_write_seconds": ("histogram", {"table"}),
        "eddy_build_info": ("gauge", {"version", "revision"}),
    }

    def test_all_of_the_contract_from_the_start_with_its_labels(self):
        host = self.host()
        host.drop(BUILD / "plugins/events.so")
        host.start()
        wait_for("the plugin", lambda: host.metric("eddy_plugin_state", plugin="events", state="running"))
        text = ""

        def without_series():
            nonlocal text
            text = host.get("/metrics")[1]
            return [name for name in self.CONTRACT if not re.search(rf"^{name}(?:_count)?\{{", text, re.M)]

        self.assert_becomes(without_series, [], "metrics without series")
        kinds = families(text)
        for name, (kind, labels) in self.CONTRACT.items():
            self.assertEqual(kinds.get(name), kind, name)
            for one in re.findall(rf"^{name}(?:_count)?\{{(.*)\}} \S+$", text, re.M):
                self.assertEqual(set(re.findall(r'(\w+)="', one)), labels, f"{name}: {one}")
        for name, kind in kinds.items():
            self.assertTrue(name.startswith(("eddy_", "process_")), name)
            self.assertEqual(name.endswith("_total"), kind == "counter", name)
        for source, queue in (("api", "raw_eventsDeadLetterQueue"), ("transform", "EventDLQ")):
            self.assertRegex(text, rf'(?m)^eddy_dead_letters_total\{{queue="{queue}",function="\w*",source="{source}",'
                                   r'error_type="ValidationError"\} 0$')
        version = subprocess.run([BINARY, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
        self.assertEqual(host.metric("eddy_build_info", version=version), 1)
        host.stop()

    def test_records_letters_recoveries_ingest_and_tables(self):
        host = self.host()
        host.drop(BUILD / "plugins/events.so")
        host.start()
        good = {"user_id": "u", "action": "a", "timestamp": 1}
        records = [good, good, good, {**good, "user_id": ""}, {**good, "timestamp": -1}, {**good, "timestamp": -2},
                   {**good, "action": "forbidden_action"}, {"user_id": "u"}]
        status, _ = host.post("raw_events", json.dumps(records).encode())
        self.assertEqual(status, 207)
        self.assertEqual(host.post("raw_events", b"\xff")[0], 400)
        wait_for("all rows", lambda: host.metric("eddy_table_rows_total", table="processed_events",
                                                 result="written") == 6)
        host.wait_idle()
        expected = {
            ("eddy_records_total", "process_event", "delivered"): 4,
            ("eddy_records_total", "process_event", "dead_lettered"): 3,
            ("eddy_records_total", "notify", "dead_lettered"): 1,
            ("eddy_records_total", "recover_event", "delivered"): 2,
            ("eddy_records_total", "recover_event", "filtered"): 2,
            ("eddy_call_faults_total", "process_event", "exception"): 3,
            ("eddy_call_faults_total", "process_event", "signal"): 0,
            ("eddy_dead_letters_total", "EventDLQ", "process_event", "transform", "std::invalid_argument"): 3,
            ("eddy_dead_letters_total", "EventDLQ", "notify", "transform", "std::runtime_error"): 1,
            ("eddy_dead_letters_total", "raw_eventsDeadLetterQueue", "api", "ValidationError"): 1,
            ("eddy_dead_letters_total", "raw_eventsDeadLetterQueue", "api", "ParseError"): 1,
            ("eddy_dead_letters_total", "raw_eventsDeadLetterQueue", "api"): 2,
            ("eddy_dead_letter_queue_depth", "EventDLQ"): 0,                 # each was passed by all who read it
            ("eddy_dead_letter_queue_depth", "raw_eventsDeadLetterQueue"): 2,  # nobody reads it
            ("eddy_recoveries_total", "EventDLQ", "recovered"): 2,
            ("eddy_recoveries_total", "EventDLQ", "skipped"): 2,
            ("eddy_recoveries_total", "EventDLQ", "failed"): 0,
            ("eddy_recovery_success_ratio", "EventDLQ"): 0.5,
            ("eddy_recovery_seconds_count", "EventDLQ"): 2,
            ("eddy_consumer_lag", "process_event"): 0,
            ("eddy_ingest_requests_total", "raw_events", "207"): 1,
            ("eddy_ingest_requests_total", "raw_events", "400"): 1,
            ("eddy_ingest_records_total", "raw_events", "accepted"): 7,
            ("eddy_ingest_records_total", "raw_events", "dead_lettered"): 2,
            ("eddy_ingest_seconds_count", "raw_events"): 2,
            ("eddy_table_rows_total", "processed_events", "written"): 6,
            ("eddy_table_rows_total", "processed_events", "refused"): 0,
        }

        def found():
            samples = host.metrics()
            return {(name, *labels): sum(value for series, value in samples.items() if series.split("{")[0] == name
                                         and set(labels) <= set(re.findall(r'="([^"]*)"', series)))
                    for name, *labels in expected}

        self.assert_becomes(found, expected)
        for name in ("eddy_call_seconds_count", "eddy_table_write_seconds_count"):
            self.assertGreater(host.metric(name), 0, name)
        self.assertGreater(host.metric("eddy_dead_letter_oldest_seconds", queue="raw_eventsDeadLetterQueue"), 0)
        host.stop()

    def test_breaker_lag_retries_and_plugins(self):
        host = self.host("functions:\n"
                         "  kinds: { breaker: { consecutive_failures: 5, reset_timeout_ms: 3600000 } }\n"
                         "  Attempt: { retry: { max_attempts: 2, mode: stream, initial_interval_ms: 3600000, "
                         "max_interval_ms: 3600000 }, config: { journal: /dev/null } }\n")
        host.drop(BUILD / "test_plugins/kinds.so")
        host.drop(BUILD / "test_plugins/scripted.so")
        broken = str(host.plugins / "broken.so")  # that has no name is called by its file
        pathlib.Path(broken).write_text("no plugin\n")
        host.start()
        wait_for("it is refused", lambda: host.metric("eddy_plugin_state", plugin=broken, state="refused"))
        wait_for("the other runs", lambda: host.metric("eddy_plugin_state", plugin="kinds", state="running"))
        self.assertEqual(host.metric("eddy_plugin_state", plugin=broken, state="running"), 0)
        self.assertEqual(host.metric("eddy_plugin_loads_total", plugin=broken, result="refused"), 1)
        self.assertEqual(host.metric("eddy_plugin_loads_total", plugin="kinds", result="loaded"), 1)
        self.assertEqual(host.metric("eddy_plugin_info", plugin="kinds", version="1.0.0"), 1)

        self.assertEqual(host.metric("eddy_breaker_state", function="kinds"), 0)
        host.put(KINDS, [b"bad"] * 5)
        wait_for("the breaker opens", lambda: host.metric("eddy_breaker_state", function="kinds") == 2)
        host.put(KINDS, [b"good"] * 10)
        wait_for("they wait", lambda: host.metric("eddy_consumer_lag", function="kinds", stream=KINDS) >= 10)

        host.put("scripted_in", [b"fail", b"pass"])
        wait_for("it waits", lambda: host.metric("eddy_retry_backlog", function="Attempt", mode="stream") == 1)
        self.assert_becomes(lambda: host.metric("eddy_retries_total", function="Attempt", mode="stream"), 1)
        self.assertEqual(host.metric("eddy_records_total", function="Attempt", outcome="dead_lettered"), 0)
        host.stop()

    def test_a_queue_that_cannot_be_written_is_counted_and_waited_for(self):
        host = self.host("functions: { Attempt: { retry: { max_attempts: 2, initial_interval_ms: 20000, jitter: 0 }, "
                         "config: { journal: /dev/null } } }\n")
        host.drop(BUILD / "test_plugins/scripted.so")
        host.start()
        host.put("scripted_in", [b"fail"])
        wait_for("it waits for its second attempt",
                 lambda: host.metric("eddy_retry_backlog", function="Attempt", mode="in_place") == 1)
        self.assertEqual(host.metric("eddy_dead_letter_write_failures_total", queue="ScriptedDLQ"), 0)
        store = sqlite3.connect(host.folder / "data/eddy.db", isolation_level=None, timeout=60)
        store.execute("BEGIN IMMEDIATE")  # nobody else writes meanwhile
        wait_for("it cannot be written", lambda: host.metric("eddy_dead_letter_write_failures_total",
                                                             queue="ScriptedDLQ") > 0)
        self.assertEqual(host.metric("eddy_dead_letters_total", queue="ScriptedDLQ"), 0)
        wait_for("that is said", lambda: "cannot commit" in host.get("/readyz")[1])
        wait_for("and measured", lambda: host.metric("eddy_ready") == 0)
        store.execute("ROLLBACK")
        wait_for("the letter", lambda: host.metric("eddy_dead_letters_total", queue="ScriptedDLQ") == 1)
        wait_for("ready again", lambda: host.metric("eddy_ready") == 1)
        host.stop()

    def test_nothing_grows_with_what_records_and_clients_say(self):
        host = self.host()
        host.drop(BUILD / "test_plugins/kinds.so")
        host.drop(BUILD / "plugins/events.so")
        host.start()
        host.put(KINDS, [b"first"])
        host.wait_idle()
        wait_for("the plugins", lambda: host.metric("eddy_plugin_state", state="running") == 2)
        before = len(host.metrics())
        count = 100_000
        host.put(KINDS, [b"kind %d" % i for i in range(count)])
        for i in range(100):  # routes that there are none of, methods, requests with names of their own
            host.post(f"no/such/route/{i}", b"{}", X_Request_Id=f"request {i}")
        host.wait_idle(300)
        self.assert_becomes(lambda: host.metric("eddy_dead_letters_total", queue="KindsDLQ"), count + 1)
        self.assertGreater(host.metric("eddy_dead_letters_total", queue="KindsDLQ", error_type="other"), count - 50)
        text = host.get("/metrics")[1]
        types = set(re.findall(r'error_type="([^"]*)"', text))
        self.assertLessEqual(len(types), 51)
        # 50 types, `other`, and what unknown routes are counted as.
        self.assertLessEqual(len(host.metrics()) - before, 51 + 40)
        self.assertLess(len(text), 200_000)
        lint = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True)
        self.assertEqual((lint.returncode, lint.stdout + lint.stderr), (0, ""))
        host.stop()

    def test_nor_with_names_of_files(self):
        host = self.host()
        host.start()
        for i in range(400):
            (host.plugins / f"broken{i}.so").write_text("no plugin\n")
        wait_for("all are refused", lambda: host.metric("eddy_plugin_loads_total", result="refused") >= 400)
        names = set(re.findall(r'plugin="([^"]*)"', host.get("/metrics")[1]))
        self.assertEqual(len(names), 201)
        self.assertIn("other", names)
        host.stop()
