# SPDX-License-Identifier: Apache-2.0
"""Pipelines of every set of parts: each has what it declares, and nothing else; a record ends where the parts say."""

import contextlib
import json
import sqlite3

from eddy import BUILD, HostTest

# By the first letters of API, stream, table, DLQ; a route without a stream has nowhere to put its records.
SETS = ["".join(part for bit, part in enumerate("astd") if parts >> bit & 1)
        for parts in range(16) if not parts & 1 or parts & 2]
GOOD, BAD, REFUSED = b'{"id":"good"}', b'{"id":7}', b'{"id":"refused"}'


class Pipelines(HostTest):
    def setUp(self):
        self.pipelines = self.host()
        self.pipelines.drop(BUILD / "test_plugins/pipelines.so")
        self.pipelines.start()

    def names(self, *parts):
        return {"p" + those for those in SETS if all(part in those for part in parts)}

    def test_has_what_it_declares(self):
        every = self.pipelines.run_json("ls")
        self.assertEqual({api["api"] for api in every["apis"]}, self.names("a"))
        streams = {s["stream"] for s in every["streams"] if s["kind"] == "stream" and not s["stream"].startswith("eddy_")}
        self.assertEqual(streams, self.names("s"))
        self.assertEqual({t["table"] for t in every["tables"]}, self.names("s", "t"))
        queues = {s["stream"] for s in every["streams"] if s["kind"] != "stream" and s["stream"].startswith("p")}
        self.assertEqual({name for name in queues if not name.endswith(".parked")},
                         {name + "DeadLetterQueue" for name in self.names("d")})
        self.assertEqual({f["function"]: f["dead_letter_queue"] for f in every["functions"]},
                         {"refuse_" + name: name + "DeadLetterQueue" if "d" in name else "eddy_dead_letters"
                          for name in self.names("s")})

    def test_each_record_ends_where_the_parts_say(self):
        for name in self.names("a"):
            status, answer = self.pipelines.post(name, b"[" + b",".join((GOOD, BAD, REFUSED)) + b"]")
            self.assertEqual((status, answer["accepted"], answer["errors"][0]["index"]), (207, 2, 1), name)
        for name in self.names("s") - self.names("a"):
            self.pipelines.put(name, [GOOD, REFUSED])
        self.pipelines.wait_idle()
        with contextlib.closing(sqlite3.connect(self.pipelines.folder / "tables.db")) as database:
            for name in self.names("s", "t"):
                self.assertEqual(database.execute(f"SELECT id FROM {name} ORDER BY id").fetchall(), [("good",), ("refused",)])
        for name in self.names("d"):
            sources = sorted(letter["source"] for letter in self.letters(self.pipelines, name + "DeadLetterQueue"))
            self.assertEqual(sources, [s for s, part in (("api", "a"), ("transform", "s")) if part in name[1:]], name)
        others = [(letter["source"], json.dumps(letter["original_record"])) for letter in
                  self.letters(self.pipelines, "eddy_dead_letters")]
        without = self.names("s") - self.names("d")
        self.assertEqual(len(others), len(without) + len(without & self.names("a")))
        self.pipelines.stop()
