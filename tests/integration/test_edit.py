# SPDX-License-Identifier: Apache-2.0
"""Corrected copies of dead letters, and originals that are stored encrypted."""

import base64
import json
import os
import subprocess

from eddy import BINARY, BUILD, HostTest

BUILDS = BUILD / "test_plugins"
RECORD = b'{"user":"a","action":"negative","amount":-1.50}'


class Edit(HostTest):
    def with_letter(self, settings="", record=RECORD):
        host = self.host(settings)
        host.drop(BUILDS / "mends_v1.so", "mends.so")
        host.start()
        host.put("orders", [record])
        host.wait_idle()
        host.stop()
        return host

    def edit_with(self, host, letter, script, code=0):
        """Runs the command with a shell script as the editor."""
        editor = host.folder / "editor.sh"
        editor.write_text("#!/bin/sh\n" + script)
        editor.chmod(0o755)
        done = subprocess.run([BINARY, "dlq", "edit", letter["id"], "-c", host.config, "--json"], capture_output=True,
                              text=True, timeout=600, stdin=subprocess.DEVNULL,
                              env={"PATH": os.environ["PATH"], "EDITOR": str(editor)})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def test_the_editor_s_correction_is_a_letter_beside_the_original(self):
        host = self.with_letter()
        letter, = self.letters(host, "MendsDLQ")
        done = self.edit_with(host, letter, "sed -i 's/-1.50/2.50/' \"$1\"\n")
        made = json.loads(done.stdout)
        original, copy = self.letters(host, "MendsDLQ")
        self.assertEqual(original, letter)
        self.assertEqual(copy["id"], made["id"])
        self.assertEqual(copy["edited_from"], {"id": letter["id"], "digest": letter["digest"]})
        self.assertEqual((copy["fingerprint"], copy["function"]), (letter["fingerprint"], "settle"))
        state, = host.peek("eddy_dead_letter_states")
        self.assertEqual((state["key"], json.loads(state["value"])["state"]), (letter["id"], "discarded"))
        stored = host.peek("MendsDLQ")[1]["value"]
        self.assertIn('{"user":"a","action":"negative","amount":2.50}', stored, "every other byte stays")

    def test_nothing_is_done_when_nothing_was_corrected(self):
        host = self.with_letter()
        letter, = self.letters(host, "MendsDLQ")
        for script in ("true\n", "test \"$(wc -l < \"$1\")\" -gt 1 && echo >> \"$1\"\n"):
            self.assertIn("nothing was done", self.edit_with(host, letter, script).stderr)
        self.edit_with(host, letter, "exit 3\n", code=69)
        self.edit_with(host, letter, "rm \"$1\"\n", code=69)
        self.assertIn("is JSON, and the corrected one is not",
                      self.edit_with(host, letter, "echo oops > \"$1\"\n", code=65).stderr)
        self.assertEqual(len(self.letters(host, "MendsDLQ")), 1)

    def test_a_file_is_taken_as_it_is(self):
        for settings in ("", "dead_letter_queues: { '*': { format: raw } }\n"):
            host = self.with_letter(settings, record=b"no json \xff")
            letter = host.run_json("dlq", "groups", "MendsDLQ")["groups"][0]["samples"][0]
            host.run("dlq", "edit", letter, "--original", "-", data=b'{"user":"x","action":"fine","amount":1}\n')
            copy, = [record for record in host.peek("MendsDLQ") if "edited_from" in json.dumps(record)]
            self.assertIn("fine", json.dumps(copy))


class Encrypted(HostTest):
    def test_originals_are_stored_encrypted_and_read_with_the_key(self):
        key = base64.b64encode(os.urandom(32)).decode()
        for form in ("envelope", "raw"):
            host = self.host(f"dead_letter_queues: {{ '*': {{ format: {form}, encryption: {{ key: '${{LETTER_KEY}}' }} }} }}\n")
            os.environ["LETTER_KEY"] = key
            self.addCleanup(os.environ.pop, "LETTER_KEY", None)
            host.drop(BUILDS / "mends_v1.so", "mends.so")
            host.start()
            host.put("orders", [b'{"user":"geheim-4711","action":"skip","amount":1}'])
            host.wait_idle()
            host.stop()
            stored = host.run("peek", "MendsDLQ", "-n", 10, "--json")
            self.assertNotIn("geheim-4711", stored)
            self.assertIn("encrypted_with", stored)
            letter = host.run_json("dlq", "groups", "MendsDLQ")["groups"][0]["samples"][0]
            self.assertEqual(host.run("dlq", "show", letter, "--original"),
                             '{"user":"geheim-4711","action":"skip","amount":1}')
            report = host.run_json("dlq", "try", "MendsDLQ", "--plugin", BUILDS / "mends_v2.so")
            self.assertEqual(report["would_pass"], 1)
            os.environ["LETTER_KEY"] = base64.b64encode(os.urandom(32)).decode() + "," + key
            self.assertIn("geheim-4711", host.run("dlq", "show", letter, "--original"), "rotated")
            os.environ["LETTER_KEY"] = "too short"
            host.run("dlq", "show", letter, code=78)
            self.assertIn("expected a key of 32 bytes", host.stderr)
            self.assertNotIn("too short", host.stderr)
