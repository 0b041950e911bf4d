# SPDX-License-Identifier: Apache-2.0
"""Damaged copies of a good plugin, dropped into a host while records flow: what is refused is named, and nothing else
happens. A copy whose damage does not show may be taken; no records are fed to it, because what its code then does is its
author's, and for the guard's tests.

EDDY_LONG=1: 10,000 of them."""

import collections
import os
import pathlib
import random
import re
import struct
import unittest

from eddy import BUILD, LONG, SANITIZE, HostTest, wait_for

COPIES = 10_000 if LONG else 100 if SANITIZE else 400
BATCH = 100


class Copies:
    """Of one plugin, each damaged in another way."""

    def __init__(self, path):
        self.good = path.read_bytes()
        self.segments = self.entries(32, 56, 56)  # e_phoff, e_phnum
        self.sections = self.entries(40, 60, 64)  # e_shoff, e_shnum
        self.contents = self.places()
        self.rng = random.Random(20240229)
        self.ways = [
            lambda rng: self.flip(1, len(self.good)),
            lambda rng: self.flip(rng.randint(1, 64), len(self.good)),
            lambda rng: self.flip(rng.randint(1, 8), 1024),
            lambda rng: self.good[:rng.randrange(len(self.good))],
            lambda rng: self.zero(rng.randrange(len(self.good)), len(self.good)),
            lambda rng: self.zero(*(lambda at: (at, min(at + 512, len(self.good))))(rng.randrange(len(self.good) // 512) * 512)),
            lambda rng: self.swap(self.segments),
            lambda rng: self.swap(self.sections),
            lambda rng: self.swap(self.contents),
        ]

    def make(self, i):
        return self.ways[i % len(self.ways)](self.rng)

    def entries(self, table, count, size):
        begin = struct.unpack_from("<Q", self.good, table)[0]
        return [(begin + i * size, size) for i in range(struct.unpack_from("<H", self.good, count)[0])]

    def places(self):
        """Where the bytes of each section are, but for those that have none."""
        found = []
        for at, _ in self.sections:
            kind, (offset, size) = struct.unpack_from("<I", self.good, at + 4)[0], struct.unpack_from("<QQ", self.good, at + 24)
            if kind not in (0, 8) and size:  # SHT_NULL, SHT_NOBITS
                found.append((offset, size))
        return found

    def flip(self, count, end):
        data = bytearray(self.good)
        for _ in range(count):
            data[self.rng.randrange(end)] ^= 1 << self.rng.randrange(8)
        return data

    def swap(self, places):
        data = bytearray(self.good)
        (one, one_size), (other, other_size) = self.rng.sample(places, 2)
        size = min(one_size, other_size)
        data[one:one + size], data[other:other + size] = self.good[other:other + size], self.good[one:one + size]
        return data

    def zero(self, begin, end):
        return self.good[:begin] + bytes(end - begin) + self.good[end:]


class Corrupted(HostTest):
    def drop_batch(self, host, copies, first):
        names = []
        for i in range(first, min(first + BATCH, COPIES)):
            name = f"copy{i:05}.so"
            hidden = host.plugins / f".{name}.new"
            hidden.write_bytes(copies.make(i))
            os.chmod(hidden, 0o755)
            names.append(name)
        for name in names:
            os.rename(host.plugins / f".{name}.new", host.plugins / name)
        return names

    def judged(self, host):
        """The files of whose fate the log has told: those refused, with the sentence, and those taken."""
        log = host.log_text()
        return (dict(re.findall(r"refused: \S*/(copy\d+\.so): (.*)", log)),
                set(re.findall(r"loaded version .* from \S*/(copy\d+\.so)", log)))

    def all_judged(self, host, names):
        refused, taken = self.judged(host)
        return refused.keys() | taken >= set(names)

    def test_they_are_refused_by_name_while_records_flow(self):
        self.drop_all(self.host(), Copies(BUILD / "plugins/c_minimal.so"))

    def test_what_runs_in_worker_processes_alone_hurts_only_these(self):
        """More of a C++ plugin runs before it is called: what that breaks, it breaks in a child."""
        self.drop_all(self.host("functions: { '*': { isolation: process } }\n"), Copies(BUILD / "plugins/cpp_minimal.so"))

    def drop_all(self, host, copies):
        host.drop(BUILD / "bad_plugins/good/good.so")
        host.start()
        sent = 0
        for first in range(0, COPIES, BATCH):
            names = self.drop_batch(host, copies, first)
            while not self.all_judged(host, names):
                self.assertIsNone(host.process.poll(), host.log_text()[-4000:])
                host.put("good_in", [b"%d" % i for i in range(sent, sent + 50)])
                sent += 50
            for name in names:
                (host.plugins / name).unlink()
        wait_for("every record is through", lambda: host.metric("eddy_records_total", function="good",
                                                                outcome="delivered") == sent)
        self.assertEqual([record["value"] for record in host.peek("good_out", sent + 1)], [str(i) for i in range(sent)])
        refused, taken = self.judged(host)
        self.assertEqual(len(refused.keys() | taken), COPIES)
        for name, text in refused.items():
            self.assertRegex(text, r"^(open|read|elf|note|probe|load|describe|topology): \S", name)
        steps = collections.Counter(text.split(":")[0] for text in refused.values())
        print(f"{COPIES} copies: refused in steps {dict(steps)}, {len(taken)} taken; {sent} records flowed meanwhile")
        self.assertGreater(steps["elf"], COPIES // 3)
        host.stop(code=None if SANITIZE else 0)  # a leak checker runs the destructors of all that was taken


if __name__ == "__main__":
    unittest.main()
