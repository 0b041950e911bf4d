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
GOOD = (BUILD / "plugins/c_minimal.so").read_bytes()


def entries(table, count, size):
    begin = struct.unpack_from("<Q", GOOD, table)[0]
    return [(begin + i * size, size) for i in range(struct.unpack_from("<H", GOOD, count)[0])]


SEGMENTS = entries(32, 56, 56)  # e_phoff, e_phnum
SECTIONS = entries(40, 60, 64)  # e_shoff, e_shnum


def contents():
    """Where the bytes of each section are, but for those that have none."""
    found = []
    for at, _ in SECTIONS:
        kind, (offset, size) = struct.unpack_from("<I", GOOD, at + 4)[0], struct.unpack_from("<QQ", GOOD, at + 24)
        if kind not in (0, 8) and size:  # SHT_NULL, SHT_NOBITS
            found.append((offset, size))
    return found


CONTENTS = contents()


def flip(rng, count, end):
    data = bytearray(GOOD)
    for _ in range(count):
        data[rng.randrange(end)] ^= 1 << rng.randrange(8)
    return data


def swap(rng, places):
    data = bytearray(GOOD)
    (one, one_size), (other, other_size) = rng.sample(places, 2)
    size = min(one_size, other_size)
    data[one:one + size], data[other:other + size] = GOOD[other:other + size], GOOD[one:one + size]
    return data


def zero(begin, end):
    return GOOD[:begin] + bytes(end - begin) + GOOD[end:]


WAYS = [
    lambda rng: flip(rng, 1, len(GOOD)),
    lambda rng: flip(rng, rng.randint(1, 64), len(GOOD)),
    lambda rng: flip(rng, rng.randint(1, 8), 1024),
    lambda rng: GOOD[:rng.randrange(len(GOOD))],
    lambda rng: zero(rng.randrange(len(GOOD)), len(GOOD)),
    lambda rng: zero(*(lambda at: (at, min(at + 512, len(GOOD))))(rng.randrange(len(GOOD) // 512) * 512)),
    lambda rng: swap(rng, SEGMENTS),
    lambda rng: swap(rng, SECTIONS),
    lambda rng: swap(rng, CONTENTS),
]


class Corrupted(HostTest):
    def drop_batch(self, host, rng, first):
        names = []
        for i in range(first, min(first + BATCH, COPIES)):
            name = f"copy{i:05}.so"
            hidden = host.plugins / f".{name}.new"
            hidden.write_bytes(WAYS[i % len(WAYS)](rng))
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
        host = self.host()
        host.drop(BUILD / "bad_plugins/good/good.so")
        host.start()
        rng = random.Random(20240229)
        sent = 0
        for first in range(0, COPIES, BATCH):
            names = self.drop_batch(host, rng, first)
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
