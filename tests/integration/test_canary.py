# SPDX-License-Identifier: Apache-2.0
"""New builds that must do as well as what runs: tried over the past, then called for some partitions."""

import json
import re
import threading
import unittest

from eddy import BUILD, SANITIZE, HostTest, wait_for

BUILDS = BUILD / "test_plugins"
UNTRIED = {"records": 0, "letters": 0}
TIME_ENOUGH = 600000  # milliseconds that no test waits for: something else is to happen first


class Canary(HostTest):
    def start(self, reload="canary", **canary):
        host = self.host()
        self.configure(host, reload, **canary)
        self.fed = 0
        self.drop(host, "first")
        host.start()
        self.wait_result(host, "loaded")
        return host

    def configure(self, host, reload, **canary):
        keys = ", ".join(f"{key}: {value}" for key, value in canary.items())
        host.configure(plugins=f", reload: {reload}, canary: {{ {keys} }}")

    def reconfigure(self, host, reload="canary", **canary):
        """Other settings for a host that runs; back once they hold."""
        reloads = lambda: host.metric("eddy_config_reloads_total", result="ok")  # noqa: E731
        before = reloads()
        self.configure(host, reload, **canary)
        wait_for("the reload", lambda: reloads() > before)

    def drop(self, host, build):
        host.drop(BUILDS / f"builds_{build}.so", "builds.so")

    def wait_result(self, host, result, count=1):
        wait_for(f"{count} × {result}", lambda: host.metric("eddy_plugin_loads_total", plugin="builds",
                                                            result=result) >= count)
        # The metric is told first, the view when what it says is what runs.
        wait_for("it is shown so", lambda: [x["event"] for x in self.plugin(host)["history"]].count(result) >= count)

    def wait_calls(self, host, count):
        """How many of the live canary are shown, once so many are."""
        def look():
            calls = self.plugin(host)["canary"]["calls"]
            return calls >= count and calls
        return wait_for(f"{count} calls", look)

    def feed(self, host, count):
        host.put("builds_in", [b"%d" % n for n in range(self.fed, self.fed + count)])
        self.fed += count

    def plugin(self, host):
        plugin, = json.loads(host.get("/api/v1/plugins")[1])["plugins"]
        return plugin

    def check(self, host, letters_of=("1.0.0",)):
        """Every record has ended once; the letters are those of version 1. What each version has delivered."""
        host.wait_idle()
        seen, by_version = set(), {}
        for record in host.peek("builds_out", self.fed):
            number, version = record["value"].split()
            self.assertNotIn(int(number), seen)
            seen.add(int(number))
            by_version.setdefault(version, set()).add(int(number))
        letters = self.letters(host, "BuildsDLQ")
        failed = [int(letter["original_record"]) for letter in letters]
        self.assertEqual(sorted(failed), [n for n in range(self.fed) if n % 100 == 7])
        self.assertEqual(seen, set(range(self.fed)) - set(failed))
        self.assertLessEqual({letter["plugin"]["version"] for letter in letters}, set(letters_of))
        return by_version

    def test_a_build_that_fails_more_is_rolled_back_and_what_it_broke_is_delivered(self):
        host = self.start(**UNTRIED, share=0.5, min_records=200, window_ms=TIME_ENOUGH, max_extra_failures=0.02)
        self.feed(host, 2000)
        host.wait_idle()
        self.drop(host, "worse")
        self.wait_result(host, "canary")
        self.assertEqual(self.plugin(host)["canary"]["stage"], "live")
        self.feed(host, 20000)
        self.wait_result(host, "rolled_back")
        self.feed(host, 1000)
        delivered = self.check(host)
        self.assertTrue(all(n % 20 != 3 for n in delivered["v2"]), "nothing it fails on is its own")
        self.assertTrue(all(2000 <= n < 22000 for n in delivered["v2"]))
        plugin = self.plugin(host)
        self.assertEqual((plugin["version"], plugin["state"], plugin["canary"]), ("1.0.0", "running", None))
        self.assertRegex(plugin["reason"], r"version 2\.0\.0 .* was rolled back: it fails on \d+ of \d+ records that its "
                                           r"predecessor does not fail on, .* the first: mark at builds_in/\d/\d+: worse")
        broken, calls = map(int, re.search(r"fails on (\d+) of (\d+)", plugin["reason"]).groups())
        print(f"rolled back after {broken} broken of {calls} records")
        self.assertLess(broken, 10)
        self.assertRegex(host.log_text(), r"rolled back from version 2\.0\.0 \(\w+\) to version 1\.0\.0")
        self.assert_becomes(lambda: host.get("/readyz"), (200, "ready\n"), "ready")
        self.assertEqual([event["event"] for event in plugin["history"]], ["loaded", "loaded", "canary", "rolled_back"])
        # The same bytes again are not tried again, before somebody says so.
        self.drop(host, "worse")
        self.wait_result(host, "refused")
        self.assertIn("found the one that was rolled back", self.plugin(host)["reason"])
        host.stop()

    def test_a_good_build_takes_over_after_its_window(self):
        host = self.start(**UNTRIED, share=0.25, window_ms=1500)
        self.drop(host, "good")
        self.wait_result(host, "canary")
        self.feed(host, 4000)
        self.wait_result(host, "promoted")
        # A worker may have begun to look for records before it was told: the unit after those is the new build's.
        self.feed(host, 1000)
        host.wait_idle()
        before = self.fed
        self.feed(host, 1000)
        delivered = self.check(host, ("1.0.0", "5.0.0"))
        self.assertTrue(set(range(before, self.fed)) - {n for n in range(self.fed) if n % 100 == 7} <= delivered["v5"])
        plugin = self.plugin(host)
        self.assertEqual((plugin["version"], plugin["canary"], plugin["previous_version"]), ("5.0.0", None, "1.0.0"))
        host.stop()

    def test_a_build_without_records_to_judge_it_by_is_let_in(self):
        host = self.start(window_ms=200)
        self.drop(host, "good")
        self.wait_result(host, "promoted")
        self.assertIn("no records came to judge it by", host.log_text())
        host.stop()

    def test_a_build_that_faults_is_rolled_back_at_its_first_fault(self):
        host = self.start(**UNTRIED, share=1, window_ms=TIME_ENOUGH)
        self.drop(host, "faulty")
        self.wait_result(host, "canary")
        self.feed(host, 5000)
        self.wait_result(host, "rolled_back")
        delivered = self.check(host)
        self.assertTrue(all(n % 50 != 11 for n in delivered.get("v3", ())))
        self.assertIn("SIGILL", self.plugin(host)["reason"])
        self.assertEqual(self.plugin(host)["version"], "1.0.0")
        host.stop(code=None if SANITIZE else 0)  # what a call held when it faulted is left behind

    @unittest.skipIf(SANITIZE, "TSan survives no second signal")
    def test_a_build_that_faults_where_its_predecessor_does_is_judged_on(self):
        faulty = (BUILDS / "builds_faulty.so").read_bytes()
        judged = dict(**UNTRIED, share=1, window_ms=TIME_ENOUGH)
        host = self.start("immediate", **judged)
        host.drop(BUILDS / "builds_faulty.so", "builds.so")
        self.wait_result(host, "loaded", 2)
        self.reconfigure(host, "canary", **judged)
        again = host.folder / "again.so"
        again.write_bytes(faulty + b"another file, the same code")
        host.drop(again, "builds.so")
        self.wait_result(host, "canary")
        self.feed(host, 12)  # the last one makes both fault
        self.wait_result(host, "isolated")
        host.wait_idle()
        before = self.wait_calls(host, 12)
        self.feed(host, 20)
        host.wait_idle()
        self.assertEqual(self.wait_calls(host, before + 20), before + 20)
        self.assertEqual(self.plugin(host)["canary"]["stage"], "live")
        self.assertEqual(len(self.letters(host, "BuildsDLQ")), 2)
        host.stop()

    def test_a_bad_build_is_turned_away_by_what_it_is_tried_over(self):
        for build, why in (("worse", r"it fails on 50 of 1000 records that its predecessor does not fail on"),
                           ("faulty", r"mark at builds_in/\d/\d+: SIGILL")):
            host = self.start(records=1000, budget_ms=TIME_ENOUGH, window_ms=TIME_ENOUGH)
            self.feed(host, 5000)
            host.wait_idle()
            self.drop(host, build)
            self.wait_result(host, "refused")
            self.feed(host, 1000)
            self.assertEqual(set(self.check(host)), {"v1"}, "it was never called with a record")
            reason = self.plugin(host)["reason"]
            self.assertRegex(reason, "canary: " + why)
            self.assertIn("set plugins.reload: immediate", reason)
            self.assertIn("version 1.0.0 of it, loaded before, goes on", reason)
            host.stop()

    def test_a_trial_tells_how_many_dead_letters_would_pass(self):
        host = self.start(letters=40, budget_ms=TIME_ENOUGH, window_ms=200)
        self.feed(host, 5000)
        host.wait_idle()
        self.drop(host, "fixed")
        self.wait_result(host, "promoted")
        self.assertRegex(host.log_text(), r"tried over 1000 records, 0 of them fail .*; 40 of 40 open dead letters would "
                                          r"pass now")
        host.stop()

    def test_a_storm_of_builds_under_load_loses_nothing(self):
        judged = dict(**UNTRIED, share=0.5, min_records=50)
        host = self.start(**judged, window_ms=TIME_ENOUGH)
        # A bad build is not judged before it has had records; a good one is let in after any time.
        storm = [("good", 600), ("worse", TIME_ENOUGH), ("first", 600), ("faulty", TIME_ENOUGH)]
        storm *= 3 if SANITIZE else 10
        done = threading.Event()

        def feed():
            while not done.wait(0.05):
                self.feed(host, 1000)

        feeder = threading.Thread(target=feed)
        feeder.start()
        for build, window_ms in storm:
            self.reconfigure(host, **judged, window_ms=window_ms)
            before = self.count_of(host)
            self.drop(host, build)
            wait_for(f"{build} is judged", lambda: self.count_of(host) > before, 120)
        done.set()
        feeder.join()
        delivered = self.check(host, ("1.0.0", "5.0.0"))
        self.assertTrue(all(n % 20 != 3 for n in delivered.get("v2", ())))
        self.assertTrue(all(n % 50 != 11 for n in delivered.get("v3", ())))
        self.assertIsNone(host.process.poll())
        self.assert_becomes(lambda: host.get("/readyz"), (200, "ready\n"), "ready")
        print(f"{self.fed} records: {dict((name, len(some)) for name, some in delivered.items())}")
        host.stop(code=None if SANITIZE else 0)  # what a call held when it faulted is left behind

    def count_of(self, host):
        """New builds that were let in for good, rolled back or refused."""
        return sum(host.metric("eddy_plugin_loads_total", plugin="builds", result=result)
                   for result in ("promoted", "rolled_back", "refused"))
