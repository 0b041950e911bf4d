# SPDX-License-Identifier: Apache-2.0
"""Metrics sent to those who do not scrape: read by a server that is not ours, held against the format's own schema."""

import importlib.util
import json
import os
import pathlib
import re
import signal

import jsonschema

import statsd
from eddy import BUILD, MOVIES, HostTest, wait_for

# As Amazon ships it with its own library.
LIBRARY = importlib.util.find_spec("aws_lambda_powertools").submodule_search_locations[0]
VALIDATOR = jsonschema.Draft7Validator(json.loads((pathlib.Path(LIBRARY) / "metrics/schema.json").read_text()))


def labelled(host):
    """The host's own samples: {(name, ((label, value), …)): number}, labels without a value left out."""
    found = {}
    for series, value in host.metrics().items():
        name, _, labels = series.partition("{")
        pairs = re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels)
        found[name, tuple(sorted((label, text) for label, text in pairs if text))] = value
    return found


def counters(host):
    """Those that nothing counts while the host is looked at, with its calls."""
    return {key: value for key, value in labelled(host).items()
            if (key[0].endswith("_total") and not key[0].startswith(("eddy_push", "process_")))
            or (key[0] == "eddy_call_seconds_count" and value > 0)}


class DogStatsd(HostTest):
    def host_to(self, address, **keys):
        keys = {"address": address, "interval_ms": 100, **keys}
        host = self.host(f"push: {{ dogstatsd: {json.dumps(keys)} }}\n")
        host.drop(BUILD / "plugins/movies.so")
        return host

    def read(self, server, host, extra=()):
        """All of the host's counters are what the server has added up."""
        def differences():
            got, own = server.samples(), counters(host)
            if not any(name == "eddy_call_seconds_count" for name, _ in own):
                return "no calls"
            sent = {(name.removesuffix("_total"), tuple(sorted([*labels, *extra]))): value
                    for (name, labels), value in {**own, ("eddy_ready", ()): 1}.items()}
            return {key: (value, got.get(key)) for key, value in sent.items() if got.get(key) != value}

        self.assert_becomes(differences, {}, "the host's, and what the server has read", 120)

    def test_a_server_that_is_not_ours_reads_it_by_udp(self):
        folder = self.host().folder
        server = statsd.Server(self, folder)
        # Not as often as to a socket in the file system: what a server has no turn to read is lost once its buffer is
        # full.
        host = self.host_to(server.address, interval_ms=1000, tags=["env:test", "team:films"])
        host.start()
        host.run("put", "movies", MOVIES)
        host.wait_idle()
        self.assert_becomes(lambda: host.metric("eddy_records_total", function="to_release", outcome="delivered"), 3164)
        self.read(server, host, [("env", "test"), ("team", "films")])
        wrong = {key: value for key, value in server.samples().items()
                 if key[0] in ("statsd_exporter_sample_errors_total", "statsd_exporter_tag_errors_total",
                               "statsd_exporter_events_error_total", "statsd_exporter_events_conflict_total") and value}
        self.assertEqual(wrong, {})
        self.assertEqual(host.metric("eddy_push_total", target="dogstatsd", result="failed"), 0)
        host.stop()

    def test_what_nobody_took_comes_later_by_a_socket_in_the_file_system(self):
        folder = self.host().folder
        path = folder / "dsd.socket"
        host = self.host_to(f"unix://{path}")
        host.start()
        host.run("put", "movies", MOVIES)
        host.wait_idle()
        wait_for("some were not taken", lambda: host.metric("eddy_push_total", target="dogstatsd", result="failed") > 3)
        self.assertIn("dogstatsd: metrics not sent", host.log_text())
        server = statsd.Server(self, folder, path)
        self.read(server, host)
        # The agent is started again: another socket under the same path.
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        path.unlink()
        before = host.metric("eddy_push_total", target="dogstatsd", result="failed")
        wait_for("it is missed", lambda: host.metric("eddy_push_total", target="dogstatsd", result="failed") > before)
        again = statsd.Server(self, folder, path)
        host.run("put", "movies", data=b'{"title":""}\n')
        host.wait_idle()
        name = ("eddy_records", (("function", "to_release"), ("outcome", "dead_lettered")))
        wait_for("only what is new", lambda: again.samples().get(name) == 1)
        host.stop()

    def test_an_agent_that_is_not_there_disturbs_nobody(self):
        host = self.host_to("udp://127.0.0.1:9")
        host.start()
        host.run("put", "movies", MOVIES)
        host.wait_idle()
        self.assert_becomes(lambda: host.metric("eddy_records_total", function="to_release", outcome="delivered"), 3164)
        self.assertEqual(host.get("/readyz")[0], 200)
        host.stop()


class Emf(HostTest):
    def lines(self, path):
        """Whole ones: it may be at the last."""
        return [json.loads(line) for line in path.read_text().split("\n")[:-1] if line.startswith('{"_aws"')]

    def check(self, lines):
        """Against the schema, and what it cannot say."""
        self.assertTrue(lines)
        for line in lines:
            VALIDATOR.validate(line)
            directive, = line["_aws"]["CloudWatchMetrics"]
            dimensions, = directive["Dimensions"]
            self.assertLessEqual(len(directive["Metrics"]), 100)
            self.assertLessEqual(len(dimensions), 30)
            names = [metric["Name"] for metric in directive["Metrics"]]
            self.assertEqual(len(set(names + dimensions)), len(names) + len(dimensions))
            for name in names:
                self.assertIsInstance(line[name], (int, float))
            for name in dimensions:
                self.assertIsInstance(line[name], str)
                self.assertTrue(0 < len(line[name]) <= 1024)

    def total(self, lines, metric, **dimensions):
        return sum(line.get(metric, 0) for line in lines
                   if all(line.get(name) == value for name, value in dimensions.items()))

    def test_the_lines_hold_to_the_schema_and_add_up_over_a_rotation(self):
        host = self.host()
        path = host.folder / "metrics.emf"
        host.configure(f"push: {{ emf: {{ file: {path}, interval_ms: 100, namespace: Films/Eddy, "
                       "dimensions: { cluster: eu } } }\n")
        host.drop(BUILD / "plugins/movies.so")
        host.start()
        wait_for("the first lines", lambda: path.exists() and self.lines(path))
        rotated = path.with_suffix(".1")
        os.rename(path, rotated)
        host.run("put", "movies", MOVIES)
        host.wait_idle()
        wait_for("a new file", path.exists)
        self.assert_becomes(lambda: [host.metric("eddy_records_total", function="to_release", outcome="delivered"),
                                     host.metric("eddy_dead_letters_total", queue="MovieDLQ"),
                                     host.metric("eddy_dead_letters_total", queue="ReleaseDLQ")], [3164, 37, 24])
        expected = {key: value for key, value in labelled(host).items() if key[0] == "eddy_dead_letters_total"}
        host.stop()  # the last lines are written at the end
        lines = self.lines(rotated) + self.lines(path)
        self.check(lines)
        self.assertEqual({line["_aws"]["CloudWatchMetrics"][0]["Namespace"] for line in lines}, {"Films/Eddy"})
        self.assertEqual({line["cluster"] for line in lines}, {"eu"})
        self.assertEqual(self.total(lines, "records", function="to_release", outcome="delivered"), 3164)
        self.assertGreater(len(expected), 6)
        for (_, labels), value in expected.items():
            self.assertEqual(self.total(lines, "dead_letters", **dict(labels)), value, labels)
        self.assertGreater(self.total(lines, "call_seconds_sum", function="to_release"), 0)
        units = {metric["Name"]: metric["Unit"] for line in lines
                 for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
        self.assertEqual([units[name] for name in ("records", "call_seconds_sum", "call_seconds_count",
                                                   "process_resident_memory_bytes", "ready")],
                         ["Count", "Seconds", "Count", "Bytes", "None"])

    def test_to_the_standard_output_and_changed_by_a_reload(self):
        host = self.host("push: { emf: { file: stdout, interval_ms: 100 } }\n")
        host.drop(BUILD / "plugins/movies.so")
        host.start()
        host.run("put", "movies", MOVIES)
        host.wait_idle()
        path = host.folder / "metrics.emf"
        host.configure(f"push: {{ emf: {{ file: {path}, interval_ms: 100 }} }}\n")
        host.process.send_signal(signal.SIGHUP)
        wait_for("the file", lambda: path.exists() and self.lines(path))
        host.stop()
        lines = self.lines(host.log) + self.lines(path)
        self.check(lines)
        self.assertEqual(self.total(lines, "records", function="to_release", outcome="delivered"), 3164)
        self.assertEqual(self.total(lines, "recoveries", queue="MovieDLQ", outcome="recovered"), 29)

    def test_a_folder_that_is_not_there_disturbs_nobody(self):
        host = self.host("push: { emf: { file: /no/such/folder/metrics, interval_ms: 100 } }\n")
        host.start()
        wait_for("it is said", lambda: "emf: metrics not sent" in host.log_text())
        self.assertEqual(host.get("/readyz")[0], 200)
        host.stop()
