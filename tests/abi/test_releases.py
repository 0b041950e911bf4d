# SPDX-License-Identifier: Apache-2.0
"""Plugins that were built with earlier releases, as binaries, in the host of today: what came of each record then, comes
of it now.

With EDDY_RECORD=1 it writes what it should find, for a release that is new here."""

import contextlib
import json
import os
import pathlib
import platform
import sqlite3
import subprocess
import unittest

from eddy import BINARY, HostTest

HERE = pathlib.Path(__file__).parent
RELEASES = sorted(path for path in HERE.iterdir() if (path / "SHA256SUMS").exists())
FAULTS = (b"segv", b"crash")
RECORD = bool(os.environ.get("EDDY_RECORD"))


def run(*arguments):
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout, done.stderr


@unittest.skipUnless(platform.machine() == "x86_64", "the binaries are for x86-64")
class Releases(HostTest):
    def test_there_are_some(self):
        self.assertTrue(RELEASES)

    def plugin_of(self, release, function):
        return next(so for so in sorted(release.glob("*.so"), reverse=True) if function.startswith(so.stem))

    def test_the_binaries_are_those_of_the_release(self):
        for release in RELEASES:
            subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=release, check=True)
            for so in release.glob("*.so"):
                code, out, _ = run("plugin", "inspect", so, "--json")
                self.assertEqual((code, json.loads(out)["abi"]), (0, release.name))

    def test_each_function_does_what_it_did(self):
        for release in RELEASES:
            for records in sorted((release / "input").glob("*.ndjson")):
                function = records.stem
                code, out, err = run("plugin", "test", self.plugin_of(release, function), "--function", function,
                                     "--input", records, "--golden", release / "golden",
                                     *(["--update-golden"] if RECORD else []))
                self.assertEqual((code, out), (0, ""), f"{function}:\n{out}\n{err}")

    def test_they_run_in_a_host(self):
        for release in RELEASES:
            host = self.host("functions: { abi_cpp_tally: { config: { step: 10 } } }\n")
            for so in release.glob("*.so"):
                host.drop(so)
            topology = json.loads((release / "host.json").read_text())
            self.feed(host, release, topology["feeds"], lambda line: line not in FAULTS and b'"down"' not in line)
            host.start()
            host.wait_idle()
            self.post(host, topology["posts"])
            host.wait_idle()
            # Last: with a fault every function of the plugin goes on in a fresh copy, where a count begins again.
            self.feed(host, release, topology["feeds"], lambda line: line in FAULTS)
            host.wait_idle()
            found = self.found(host, topology)
            host.stop()
            if RECORD:
                (release / "host.json").write_text(json.dumps({**topology, "found": found}, indent=1) + "\n")
            self.assertEqual(found, topology.get("found") if not RECORD else found)

    def feed(self, host, release, feeds, chosen):
        for function, stream in feeds.items():
            lines = (release / "input" / f"{function}.ndjson").read_bytes().splitlines()
            host.put(stream, [line for line in lines if chosen(line)])

    def post(self, host, posts):
        for route, body in posts.items():
            status, answer = host.post(route, json.dumps(body["records"]).encode())
            self.assertEqual((status, answer["accepted"], len(answer["errors"])), (207, body["accepted"], body["refused"]), answer)

    def found(self, host, topology):
        """All that came of the records, without what differs from run to run: times, ids, and order between functions."""
        streams = {name: sorted(self.output(record) for record in host.peek(name)) for name in topology["streams"]}
        letters = {name: sorted(self.letter(letter) for letter in self.letters(host, name)) for name in topology["queues"]}
        with contextlib.closing(sqlite3.connect(host.folder / "tables.db")) as database:
            tables = {name: sorted(str(row[:2]) for row in database.execute(f'SELECT * FROM "{name}"'))
                      for name in topology["tables"]}
        return {"streams": streams, "letters": letters, "tables": tables}

    def output(self, record):
        headers = [[header["name"], header["value"]] for header in record["headers"]]
        return json.dumps([record["value"], record["key"], headers])

    def letter(self, letter):
        return json.dumps([letter[name] for name in ("source", "function", "error_type", "error_message", "attempts",
                                                     "original_record")])


if __name__ == "__main__":
    unittest.main()
