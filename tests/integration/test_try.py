# SPDX-License-Identifier: Apache-2.0
"""Dead letters through another build: what would pass, what would still fail, what would come out differently."""

import json
import os
import shutil

from eddy import BUILD, SANITIZE, HostTest, wait_for

BUILDS = BUILD / "test_plugins"
GROUPS = {"std::invalid_argument": 6, "std::runtime_error": 4, "std::logic_error": 3, "SIGILL": 2}


def order(action, amount, user="u1"):
    return json.dumps({"user": user, "action": action, "amount": amount}).encode()


class Try(HostTest):
    def with_letters(self, settings=""):
        """A host of version 1 that has made letters of each kind, and is gone; 20 records were good."""
        host = self.host(settings)
        host.drop(BUILDS / "mends_v1.so", "mends.so")
        host.start()
        wait_for("the plugin", lambda: host.metric("eddy_plugin_loads_total", plugin="mends", result="loaded") >= 1)
        records = [order("fine", n % 10) for n in range(20)]
        records += [order("negative", -n) for n in range(6)] + [order("skip", n) for n in range(4)]
        records += [order("never", n) for n in range(3)] + [order("trap", n) for n in range(2)]
        host.put("orders", records)
        host.wait_idle()
        host.stop(code=None if SANITIZE else 0)  # what a call held when it faulted is left behind
        return host

    def tried(self, host, version, *options, code):
        before = host.run("peek", "MendsDLQ", "-n", 1000, "--json"), host.run("peek", "receipts", "-n", 1000, "--json")
        report = host.run_json("dlq", "try", "MendsDLQ", "--plugin", BUILDS / f"mends_v{version}.so", *options, code=code)
        after = host.run("peek", "MendsDLQ", "-n", 1000, "--json"), host.run("peek", "receipts", "-n", 1000, "--json")
        self.assertEqual(before, after, "nothing is written")
        return report, {group["error_type"]: group for group in report["groups"]}

    def test_a_fix_passes_but_for_the_cause_that_it_does_not_fix(self):
        host = self.with_letters()
        report, groups = self.tried(host, 2, code=1)
        self.assertEqual({name: group["letters"] for name, group in groups.items()}, GROUPS)
        self.assertEqual(report["plugin"]["version"], "2.0.0")
        self.assertEqual((report["would_pass"], report["still_fails"], report["not_tried"]), (12, 3, 0))
        self.assertEqual(groups["std::invalid_argument"]["would_pass"], {"delivered": 6, "filtered": 0})
        self.assertEqual(groups["std::runtime_error"]["would_pass"], {"delivered": 0, "filtered": 4})
        self.assertEqual(groups["SIGILL"]["would_pass"], {"delivered": 2, "filtered": 0})
        self.assertEqual(groups["std::logic_error"]["still_fails"], {"same_cause": 3, "other_cause": 0})
        good, = report["good_records"]
        self.assertEqual((good["records"], good["same"], good["differ"], good["fail"]), (20, 20, 0, 0))
        self.assertEqual(good["unstable"], ["/made_at"], "a clock is no difference between builds")
        self.assertTrue(report["complete"])
        only = groups["std::invalid_argument"]["group"]
        report, groups = self.tried(host, 2, "--group", only, code=0)
        self.assertEqual(set(groups), {"std::invalid_argument"})
        self.assertIn("GROUP", host.run("dlq", "try", "MendsDLQ", "--plugin", BUILDS / "mends_v2.so", "--group", only))
        self.assertIn("6 of 6 letters would pass, 0 still fail, 0 were not tried; nothing was written", host.stderr)

    def test_another_cause_and_other_outputs_of_good_records_are_told(self):
        host = self.with_letters()
        report, groups = self.tried(host, 4, "--diff", code=1)
        negative = groups["std::invalid_argument"]
        self.assertEqual(negative["still_fails"], {"same_cause": 0, "other_cause": 6})
        cause, = negative["other_causes"]
        self.assertEqual((cause["error_type"], cause["count"]), ("std::range_error", 6))
        good, = report["good_records"]
        self.assertEqual((good["records"], good["same"], good["differ"]), (20, 2, 18), "twice nothing is nothing")
        self.assertEqual(len(good["diffs"]), 5)
        self.assertIn('-  "total": 1.0,\n+  "total": 2.0,', good["diffs"][0]["diff"])
        self.assertIn('+  "total": 0.0,', groups["SIGILL"]["diffs"][0]["diff"], "what the letter would become")

    def test_faults_and_hangs_of_the_candidate_are_results(self):
        host = self.with_letters()
        report, groups = self.tried(host, 3, "--timeout-ms", 20000, code=1)  # no good call is so late, on any machine
        cause, = groups["std::invalid_argument"]["other_causes"]
        self.assertEqual((cause["error_type"], cause["count"]), ("SIGILL", 6))
        cause, = groups["std::runtime_error"]["other_causes"]
        self.assertEqual((cause["error_type"], cause["count"]), ("Timeout", 3))
        self.assertEqual(groups["std::runtime_error"]["not_tried"],
                         [{"reason": "the candidate has hung on 3 letters of the group", "count": 1}])
        good, = report["good_records"]
        self.assertEqual((good["fail"], good["causes"][0]["count"]), (2, 2))
        self.assertEqual(good["causes"][0]["error_message"], "three is too many")

    def test_the_build_that_runs_fails_in_the_same_way(self):
        host = self.with_letters()
        report, groups = self.tried(host, 1, code=1)
        self.assertEqual({name: group["still_fails"]["same_cause"] for name, group in groups.items()}, GROUPS)

    def test_a_consumer_is_tried_too_and_a_plugin_without_the_function_is_not(self):
        host = self.host()
        host.drop(BUILDS / "mends_v1.so", "mends.so")
        host.start()
        host.put("orders", [order("watched", n) for n in range(3)])
        host.wait_idle()
        host.stop(code=None if SANITIZE else 0)  # what a call held when it faulted is left behind
        report, groups = self.tried(host, 2, code=0)
        self.assertEqual(groups["std::runtime_error"]["would_pass"], {"delivered": 3, "filtered": 0})
        report = host.run_json("dlq", "try", "MendsDLQ", "--plugin", BUILDS / "builds_first.so", code=1)
        reason, = report["groups"][0]["not_tried"]
        self.assertEqual(reason, {"reason": "the candidate has no function watch", "count": 3})

    def test_what_cannot_be_tried_is_an_error_with_its_reason(self):
        host = self.with_letters()
        host.run("dlq", "try", "MendsDLQ", "--plugin", host.folder / "none.so", code=65)
        self.assertIn("expected a plugin (.so), found no such file", host.stderr)
        host.run("dlq", "try", "MendsDLQ", "--plugin", host.config, code=1)
        self.assertIn("elf: expected", host.stderr)
        host.run("dlq", "try", "NoSuchQueue", "--plugin", BUILDS / "mends_v2.so", code=65)

    def test_what_is_redacted_shows_in_no_report(self):
        host = self.with_letters("functions: { settle: { redact: [/user] } }\n")
        for options in (["--diff"], ["--diff", "--json"]):
            shown = host.run("dlq", "try", "MendsDLQ", "--plugin", BUILDS / "mends_v4.so", *options, code=1)
            self.assertNotIn("u1", shown)
            self.assertIn("amount of *** is negative", shown) if "--json" in options else None
        shown = host.run("dlq", "try", "MendsDLQ", "--plugin", BUILDS / "mends_v4.so", "--diff", "--reveal", code=1)
        self.assertIn('"user": "u1"', shown)

    def ask(self, host, path, body=None):
        """Status and parsed answer; a body makes it a POST."""
        status, text = host.ask("GET" if body is None else "POST", path, body)
        return status, json.loads(text)

    def ended(self, host, begun):
        """The trial's status once it has ended."""
        def look():
            status = self.ask(host, "/api/v1/tries/" + begun["id"])[1]
            return status["state"] != "running" and status
        return wait_for("the end of the trial", look)

    def test_the_admin_api_tries_beside_the_host_and_edits(self):
        host = self.with_letters()
        host.start()
        candidate = host.folder / "candidate.so"
        shutil.copyfile(BUILDS / "mends_v2.so", candidate)
        os.chmod(candidate, 0o755)
        status, begun = self.ask(host, "/api/v1/queues/MendsDLQ/try",
                                 {"plugin": str(candidate), "filter": {"type": "std::*"}, "diff": True})
        self.assertEqual((status, begun["selected"]), (200, 13))
        done = self.ended(host, begun)
        self.assertEqual((done["state"], done["error"]), ("done", None))
        self.assertEqual((done["report"]["would_pass"], done["report"]["still_fails"]), (10, 3))
        self.assertEqual([one["id"] for one in self.ask(host, "/api/v1/tries")[1]["tries"]], [begun["id"]])
        self.assertEqual(host.ask("POST", f"/api/v1/tries/{begun['id']}/cancel", X_Eddy_Request="test")[0], 409)
        self.assertEqual(self.ask(host, "/api/v1/tries/none")[0], 404)
        self.assertEqual(self.ask(host, "/api/v1/queues/None/try", {"plugin": str(candidate)})[0], 404)
        self.assertEqual(self.ask(host, "/api/v1/queues/MendsDLQ/try", {"plugin": 7})[0], 400)
        os.chmod(candidate, 0o777)
        status, begun = self.ask(host, "/api/v1/queues/MendsDLQ/try", {"plugin": str(candidate)})
        self.assertEqual(self.ended(host, begun)["state"], "failed", "others may write the file, and somebody far asks")
        letter = self.letters(host, "MendsDLQ")[0]
        status, edited = self.ask(host, f"/api/v1/letters/{letter['id']}/edit", {"original": {"user": "é", "n": 1}})
        self.assertEqual((status, edited["edited_from"]["id"]), (200, letter["id"]))
        self.assertEqual(self.letters(host, "MendsDLQ")[-1]["original_record"], {"user": "é", "n": 1})
