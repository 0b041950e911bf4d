# SPDX-License-Identifier: Apache-2.0
"""A folder in which a dead letter fails again, with no host and no store."""

import json
import os
import shutil
import stat
import subprocess

from eddy import BINARY, BUILD, SANITIZE, HostTest

BUILDS = BUILD / "test_plugins"


class Repro(HostTest):
    def with_letters(self, records, settings="", count=None):
        host = self.host(settings)
        host.drop(BUILDS / "mends_v1.so", "mends.so")
        host.start()
        host.put("orders", records)
        host.wait_idle()
        host.stop(code=None if SANITIZE else 0)  # what a call held when it faulted is left behind
        letters = self.letters(host, "MendsDLQ")
        self.assertEqual(len(letters), len(records) if count is None else count)
        return host, letters

    def repro(self, host, letter, code=0):
        folder = host.folder / ("repro-" + letter["id"])
        host.run("dlq", "repro", letter["id"], "--out", folder, code=code)
        return folder

    def run_script(self, folder, *arguments):
        done = subprocess.run([folder / "run.sh", *arguments], capture_output=True, text=True, timeout=600, cwd="/",
                              env={"PATH": os.environ["PATH"], "EDDY": str(BINARY)})
        return done.returncode, done.stdout, done.stderr

    def test_exceptions_signals_hangs_and_bad_records_fail_in_the_same_way_offline(self):
        records = [json.dumps({"user": "ü", "action": action, "amount": -1}).encode()
                   for action in ("negative", "never", "trap", "hang")] + [b'{"user": 1']
        # Only what hangs is so late, on any machine.
        host, letters = self.with_letters(records, "functions: { '*': { timeout_ms: 20000 } }\n", count=6)
        by_type = {(letter["function"], letter["error_type"]): letter for letter in letters}
        kinds = [("settle", kind) for kind in ("std::invalid_argument", "std::logic_error", "SIGILL", "Timeout",
                                               "ParseError")] + [("watch", "ParseError")]
        folders = {kind: self.repro(host, by_type[kind]) for kind in kinds}
        shutil.rmtree(host.folder / "data")
        shutil.rmtree(host.plugins)
        for kind, folder in folders.items():
            with self.subTest(kind):
                code, out, err = self.run_script(folder)
                self.assertEqual(code, 0, out + err)
                self.assertIn("it fails in the same way", err)
        code, out, err = self.run_script(folders["settle", "std::invalid_argument"], BUILDS / "mends_v2.so")
        self.assertEqual((code, err.splitlines()[-1]), (1, "it passes"))
        self.assertIn('"user":"ü"', out)
        code, out, err = self.run_script(folders["settle", "std::invalid_argument"], BUILDS / "mends_v4.so")
        self.assertEqual(code, 1)
        self.assertIn("it fails in another way: expected std::invalid_argument", err)

    def test_the_folder_holds_the_exact_record_for_its_owner_alone(self):
        host, letters = self.with_letters([b' {"user":"a", "action":"negative","amount":-1.50} '], count=1)
        folder = self.repro(host, letters[0])
        self.assertEqual((folder / "value").read_bytes(), b' {"user":"a", "action":"negative","amount":-1.50} ')
        self.assertEqual(json.loads((folder / "record.json").read_text())["stream"], "orders")
        self.assertIsNone(json.loads((folder / "letter.json").read_text())["fault"])
        self.assertEqual((folder / "mends.so").read_bytes(), (BUILDS / "mends_v1.so").read_bytes())
        self.assertEqual(stat.S_IMODE(folder.stat().st_mode), 0o700)
        for file in folder.iterdir():
            self.assertEqual(file.stat().st_mode & 0o077, 0, file)
        host.run("dlq", "repro", letters[0]["id"], "--out", folder, code=65)
        self.assertIn("name another one with --out", host.stderr)

    def test_a_build_that_is_gone_is_named(self):
        host, letters = self.with_letters([b'{"user":"a","action":"negative","amount":-1}'])
        host.drop(BUILDS / "mends_v2.so", "mends.so")
        shutil.rmtree(host.folder / "data/plugins", ignore_errors=True)
        folder = self.repro(host, letters[0], code=1)
        self.assertIn("is not on this machine any more", host.stderr)
        readme = (folder / "README.md").read_text()
        self.assertIn(letters[0]["plugin"]["sha256"], readme)
        self.assertIn("put it here as mends.so", readme)
        shutil.copy(BUILDS / "mends_v1.so", folder / "mends.so")
        self.assertEqual(self.run_script(folder)[0], 0)

    def test_a_function_over_the_queue_fails_on_the_letter_again(self):
        host = self.host()
        host.drop(BUILD / "plugins/events.so")
        host.start()
        host.put("raw_events", [b'{"user_id":"","action":"a","timestamp":1}'])
        host.wait_idle()
        host.stop(code=None if SANITIZE else 0)  # what a call held when it faulted is left behind
        letter, = [one for one in self.letters(host, "EventDLQ") if one["function"] == "process_event"]
        folder = self.repro(host, letter)
        self.assertEqual(self.run_script(folder)[0], 0)
