# SPDX-License-Identifier: Apache-2.0
"""One plugin in C11, in C++ and in Rust: one set of golden files, one set of rules, and one balance in the host, whatever
each language does where it takes something for impossible."""

import subprocess
import unittest

from eddy import BINARY, BUILD, ROOT, HostTest, wait_for

SAME = ROOT / "plugins/same"
RECORDS = (SAME / "input.ndjson").read_bytes().splitlines()
OUTPUTS = ["OSLO 70.7", "ROME 86.0", "ABSOLUTE -459.7", "åLESUND -40.0", "KYIV 32.9"]
FAILED = [("paris warm", "NotANumber", "the second word is not a number"),
          ("berlin", "NoNumber", "a place without a temperature"),
          ("lima 1e3", "NotANumber", "the second word is not a number"),
          ({"bern": 3}, "NotANumber", "the second word is not a number")]
IMPOSSIBLE = b"vostok -300"


class Language:
    """What every language is held to; a subclass says which, and what becomes of the impossible."""
    plugin = error_type = message = None

    def setUp(self):
        self.file = BUILD / f"plugins/{self.plugin}.so"
        if not self.file.exists():
            self.skipTest(f"{self.plugin} was not built")

    def command(self, *arguments):
        return subprocess.run([BINARY, "plugin", *arguments], capture_output=True, text=True, timeout=300)

    def test_golden(self):
        done = self.command("test", self.file, "--function", "fahrenheit", "--input", SAME / "input.ndjson",
                            "--golden", SAME)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)

    def test_conforms(self):
        done = self.command("conform", self.file)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotIn("FAIL", done.stdout)
        self.assertIn("ok    fahrenheit: a null value", done.stdout)

    def test_in_a_host(self):
        host = self.host()
        host.drop(self.file)
        host.put("celsius", RECORDS[:5] + [IMPOSSIBLE] + RECORDS[5:] + [IMPOSSIBLE])
        host.start()
        wait_for("every record has ended", lambda: host.metric("eddy_records_total", function="fahrenheit") == 12)
        host.put("celsius", [b"praia 25", IMPOSSIBLE])  # it goes on
        wait_for("it goes on", lambda: host.metric("eddy_records_total", function="fahrenheit") == 14)
        self.assertEqual([record["value"] for record in host.peek("fahrenheit")], OUTPUTS + ["PRAIA 77.0"])
        letters = self.letters(host, "celsius_failed")
        impossible = [letter for letter in letters if letter["original_record"] == IMPOSSIBLE.decode()]
        self.assertEqual([(letter["original_record"], letter["error_type"], letter["error_message"])
                          for letter in letters if letter not in impossible], FAILED)
        self.assertEqual(len(impossible), 3)
        for letter in impossible:
            self.assertEqual(letter["error_type"], self.error_type)
            self.assertIn(self.message, letter["error_message"])
            self.assertEqual(letter["plugin"]["name"], self.plugin)
        self.assertIsNone(host.process.poll())
        host.stop()


class C(Language, HostTest):
    plugin, error_type, message = "c_minimal", "SIGABRT", "SIGABRT in c_minimal.so+"


class Cpp(Language, HostTest):
    plugin, error_type, message = "cpp_minimal", "std::logic_error", "colder than cold"


class Rust(Language, HostTest):
    plugin, error_type, message = "rust_minimal", "panic", "colder than cold"


if __name__ == "__main__":
    unittest.main()
