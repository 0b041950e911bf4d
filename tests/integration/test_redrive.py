# SPDX-License-Identifier: Apache-2.0
"""Dead letters sent back: to their function alone, exactly once, at a rate, with what became of them."""

import collections
import json
import random
import signal
import unittest

from eddy import BUILD, HostTest, wait_for

PLUGINS = BUILD / "test_plugins"
QUEUE = "OrdersDLQ"
FUNCTION = "price"


class RedriveTest(HostTest):
    def orders(self, count, **settings):
        """A host whose first build has failed on all of these orders, for three reasons."""
        host = self.host(**settings)
        host.drop(PLUGINS / "orders_v1.so", "orders.so")
        host.start()
        wait_for("the plugin is loaded", lambda: host.metric("eddy_plugin_loads_total", result="loaded"))
        host.put("orders", [b"%d" % n for n in range(count)])
        wait_for("all have failed", lambda: host.metric("eddy_dead_letters_total", queue=QUEUE) == count)
        return host

    def fix(self, host, version):
        host.drop(PLUGINS / f"orders_v{version}.so", "orders.so")
        wait_for("the new build runs", lambda: host.metric("eddy_plugin_info", version=f"{version}.0.0"))

    def priced(self, host):
        """How often each order came out."""
        return collections.Counter(record["value"].split()[0] for record in host.peek_or_none("orders_priced"))

    def by_state(self, host, queue=QUEUE):
        groups = host.run_json("dlq", "groups", queue, "--state", "all")
        counts = collections.Counter()
        for group in groups["groups"] if isinstance(groups, dict) else groups:
            counts.update(group["letters"])
        return {state: count for state, count in counts.items() if count}

    def test_the_failed_function_alone_sees_them_again(self):
        host = self.orders(1000)
        wait_for("the other has seen all", lambda: host.metric("eddy_records_total", function="see",
                                                               outcome="delivered") == 1000)
        self.fix(host, 2)
        done = host.run_there("dlq", "redrive", QUEUE, "--rate", 5000, code=1)
        self.assertEqual((done["state"], done["selected"], done["sent"], done["recovered"], done["failed_again"]),
                         ("done", 1000, 1000, 900, 100))
        self.assertEqual(done["success_ratio"], 0.9)
        priced = self.priced(host)
        self.assertEqual(len(priced), 900)
        self.assertEqual(set(priced.values()), {1})
        host.wait_idle()
        self.assertEqual(len(host.peek("orders_seen")), 1000, "what was sent back is not for others")
        self.assert_becomes(lambda: [host.metric("eddy_recoveries_total", queue=QUEUE, outcome="recovered"),
                                     host.metric("eddy_recoveries_total", queue=QUEUE, outcome="failed"),
                                     host.metric("eddy_recovery_success_ratio", queue=QUEUE)], [900, 100, 0.9])
        self.assertEqual(self.by_state(host), {"recovered": 900, "open": 100})

        self.fix(host, 3)
        done = host.run_there("dlq", "redrive", QUEUE)
        self.assertEqual((done["selected"], done["recovered"]), (100, 100))
        self.assertEqual(len(self.priced(host)), 1000)
        self.assertEqual(self.by_state(host), {"recovered": 1000})
        wait_for("none is open", lambda: host.metric("eddy_dead_letter_queue_depth", queue=QUEUE) == 0)
        self.assert_becomes(lambda: host.metric("eddy_dead_letter_oldest_seconds", queue=QUEUE), 0)
        self.refused(host, 65, "redrive", QUEUE)
        self.assertIn("no letter", host.stderr)

    def test_a_part_of_them(self):
        host = self.orders(100)
        self.fix(host, 3)
        plan = host.run_there("dlq", "redrive", QUEUE, "--dry-run", "--type", "Currency*")
        self.assertEqual((plan["selected"], plan["to"]), (30, {FUNCTION: 30}))
        self.assertEqual(self.priced(host), {})
        done = host.run_there("dlq", "redrive", QUEUE, "--type", "Currency*")
        self.assertEqual((done["selected"], done["recovered"]), (30, 30))
        self.assertEqual({int(order) % 10 for order in self.priced(host)}, {6, 7, 8})

    def test_to_a_stream(self):
        host = self.orders(50)
        self.fix(host, 3)
        done = host.run_there("dlq", "redrive", QUEUE, "--to", "orders")
        self.assertEqual((done["state"], done["sent"]), ("done", 50))
        wait_for("all came out", lambda: len(self.priced(host)) == 50)
        wait_for("others saw them again", lambda: len(host.peek("orders_seen")) == 100)
        self.assertEqual(self.by_state(host), {"redriven": 50}, "what became of it there is not known")

    def test_what_an_api_refused_goes_through_it(self):
        queue = "raw_eventsDeadLetterQueue"
        good = {"user_id": "u", "action": "a", "timestamp": 1}
        host = self.host()
        host.drop(BUILD / "plugins/events.so")
        host.start()
        wait_for("the plugin", lambda: host.metric("eddy_plugin_state", plugin="events", state="running"))
        self.assertEqual(host.post("raw_events", json.dumps([good, {"user_id": "u"}]).encode())[0], 207)
        self.assertEqual(host.post("raw_events", b"no json")[0], 400)
        left = host.run_there("dlq", "redrive", queue, code=1)
        self.assertEqual((left["state"], left["sent"], left["left_out"]), ("done", 0, 2))
        self.assertEqual(sorted(left["left_out_reasons"]),
                         [f"ingest API raw_events still refuses it ({kind}): correct it (eddy dlq edit), or name a "
                          "stream (to)" for kind in ("ParseError", "ValidationError")])
        self.assertEqual(self.by_state(host, queue), {"open": 2})

        for letter in self.letters(host, queue):
            corrected = good if letter["error_type"] == "ValidationError" else [good, good]
            host.run("dlq", "edit", letter["id"], "--original", "-", data=json.dumps(corrected).encode())
        plan = host.run_there("dlq", "redrive", queue, "--dry-run")
        self.assertEqual((plan["to"], plan["left_out"]), ({"raw_events": 2}, {}))
        done = host.run_there("dlq", "redrive", queue)
        self.assertEqual((done["state"], done["sent"], done["recovered"], done["left_out"]), ("done", 2, 2, 0))
        wait_for("all are processed", lambda: host.metric("eddy_records_total", function="process_event",
                                                          outcome="delivered") == 4)
        self.assertEqual([json.loads(record["value"]) for record in host.peek("raw_events")], [good] * 4)
        self.assertEqual(self.by_state(host, queue), {"recovered": 2, "discarded": 2})
        self.assertEqual(host.metric("eddy_recoveries_total", queue=queue, outcome="recovered"), 2)
        self.assertEqual(host.metric("eddy_recovery_success_ratio", queue=queue), 1)
        self.refused(host, 65, "redrive", queue)

    def test_it_stops_itself_and_is_cancelled(self):
        host = self.orders(2000)
        stopped = host.run_there("dlq", "redrive", QUEUE, "--rate", 500, code=1)
        self.assertEqual(stopped["state"], "stopped")
        self.assertIn("failed again", stopped["reason"])
        self.assertLess(stopped["sent"], 2000)
        self.refused(host, 1, "redrive", QUEUE)
        self.assertIn("is stopped", host.stderr)
        host.run_there("dlq", "redrives", "cancel", stopped["id"])
        self.refused(host, 1, "redrives", "resume", stopped["id"])
        self.assertEqual([redrive["state"] for redrive in host.run_there("dlq", "redrives", "ls")], ["cancelled"])

    def test_letters_have_a_budget_of_hops(self):
        host = self.orders(10, settings="dead_letter_queues: { '*': { max_hops: 2 } }\n")
        for _ in range(2):
            host.run_there("dlq", "redrive", QUEUE, "--max-refailure-ratio", 1, code=1)
        candidate = {"plugin": str(PLUGINS / "orders_v3.so")}
        status, begun = host.ask("POST", f"/api/v1/queues/{QUEUE}.parked/try", candidate)
        self.assertEqual((status, json.loads(begun)["selected"]), (200, 10))
        self.fix(host, 3)
        left = host.run_there("dlq", "redrive", QUEUE + ".parked", code=1)
        self.assertEqual((left["sent"], left["left_out"]), (0, 10))
        self.assertIn("no hops left", next(iter(left["left_out_reasons"])))
        done = host.run_there("dlq", "redrive", QUEUE + ".parked", "--over-budget")
        self.assertEqual(done["recovered"], 10)
        self.assertEqual(self.by_state(host), {"recovered": 10})

    def test_what_fails_into_another_queue_has_failed_again(self):
        host = self.orders(30)
        host.stop()
        host.drop(PLUGINS / "mends_v1.so", "mends.so")  # for its queue
        host.configure(f"functions: {{ {FUNCTION}: {{ dead_letter_queue: MendsDLQ }} }}\n")
        host.start()
        wait_for("the plugins are loaded", lambda: host.metric("eddy_plugin_loads_total", plugin="mends",
                                                               result="loaded"))
        done = host.run_there("dlq", "redrive", QUEUE, "--max-refailure-ratio", 1, code=1)
        self.assertEqual((done["state"], done["sent"], done["failed_again"]), ("done", 30, 30))
        self.assertEqual(done["failure_queues"], {FUNCTION: ["MendsDLQ"]})

        letters = [json.loads(record["value"]) for record in host.peek("MendsDLQ")]
        letter = next(letter for letter in letters if letter["function"] == FUNCTION)
        host.stop()
        host.run("dlq", "repro", letter["id"], "--out", host.folder / "repro", code=None)
        newest = (host.folder / "repro/letter.json").read_text()
        self.assertIn('"hops": 1', newest, "its older version is in a queue that is looked into later")

    def test_kill_9_in_the_middle(self):
        count = 6000
        # A record that two kills hit by chance is not to be blamed for them.
        host = self.orders(count, settings="functions: { '*': { max_deaths: 100 } }\n")
        self.fix(host, 3)
        redrive = host.run_there("dlq", "redrive", QUEUE, "--rate", 2000, "--detach")
        seed = random.randrange(1 << 32)
        dice = random.Random(seed)
        for kill in range(1, 4):
            wanted = count * kill // 4 + dice.randrange(200)
            wait_for("a part is sent", lambda: self.sent(host, redrive["id"]) >= wanted)
            host.process.send_signal(signal.SIGKILL)
            host.process.wait()
            host.start()
        done = host.run_there("dlq", "redrives", "watch", redrive["id"])
        with self.subTest(seed=seed):
            self.assertEqual((done["state"], done["sent"], done["recovered"]), ("done", count, count))
            priced = self.priced(host)
            self.assertEqual(len(priced), count)
            self.assertEqual(set(priced.values()), {1})

    def refused(self, host, code, *arguments):
        host.run("dlq", *arguments, "--admin", host.admin_url(), code=code)

    def sent(self, host, redrive):
        """So far; 0 too while nobody answers."""
        status, text = host.get(f"/api/v1/redrives/{redrive}")
        return json.loads(text)["sent"] if status == 200 else 0


if __name__ == "__main__":
    unittest.main()
