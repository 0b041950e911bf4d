# SPDX-License-Identifier: Apache-2.0
"""A good function beside functions whose every record is bad, each in worker processes: its outputs are complete.

EDDY_LONG=1: many records, in turns alone and beside them; the figures tell what the others cost it."""

import statistics
import time
import unittest

from eddy import LONG, SANITIZE
from test_bad_plugins import FAULTY, ZOO, ZooTest
from test_processes import DEADLY

RECORDS = 3_000_000 if LONG else 20_000
OF_EACH = 1_000_000 if LONG else 20_000  # of so many pairs, each short
PAIRS = 5 if LONG else 1
CRASHING = ("segv", "kills", "abort")
SOME = ("throws_standard", "segv", "spins")
NOT_ALL = {"static_libstdcxx"}  # takes values of its own
FOR_SANITIZERS = ("stack_overflow", "huge_output", "heap", "double_free", "eats_memory", "foreign_thread", "abort")


class Neighbours(ZooTest):
    def rate(self, bad, isolation="process", records=RECORDS):
        """Records a second of the good function, from its first to its last; the others begin before it."""
        host = self.start_good(f"functions: {{ 'bad_*': {{ timeout_ms: 300, isolation: {isolation}, "
                               "sandbox: { memory_mib: 256 } } }\n")
        for name in bad:
            host.drop(ZOO / name / f"{name}.so")
        self.until(lambda: host.metric("eddy_plugin_loads_total", result="loaded") > len(bad))
        host.stop()
        values = [b"%d" % i + b"x" * 190 for i in range(records)]
        host.put("good_in", values)
        for name in bad:
            host.put(f"bad_{name}_in", [b"bad"] * 20_000)
        host.launch()
        self.until(host.ready)  # all the zoo is loaded at once

        def delivered():
            return host.metric("eddy_records_total", function="good", outcome="delivered")

        begin, first = time.monotonic(), 0
        if LONG:
            first, begin = self.until(delivered), time.monotonic()
        self.until(lambda: delivered() == records)
        took = time.monotonic() - begin
        ended = {name: sum(host.metric("eddy_records_total", function=f"bad_{name}", outcome=outcome)
                           for outcome in ("delivered", "filtered", "dead_lettered")) for name in bad}
        deaths = host.metric("eddy_worker_process_deaths_total")
        if not LONG:
            self.assertEqual([r["value"] for r in host.peek("good_out", records + 1)], [v.decode() for v in values])
        host.close()  # with what it has stored: there are many
        return (records - first) / took, took, ended, deaths

    def until(self, check, seconds=600):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := check():
                return found
            time.sleep(0.005)
        raise AssertionError(f"not within {seconds} s")

    def told(self, bad, isolation, alone, beside):
        rate, took, ended, deaths = beside
        if LONG:  # else it is over before anything is to be seen
            print(f"alone {alone:.0f}/s, beside {', '.join(bad) if len(bad) < 4 else len(bad)} ({isolation}) {rate:.0f}/s: "
                  f"{rate / alone:.2f}; in {took:.1f} s {deaths:.0f} processes died, "
                  f"{min(ended.values()):.0f} to {max(ended.values()):.0f} bad records ended", flush=True)
        return rate / alone

    def compare(self, bad):
        ratios = [self.told(bad, "process", self.rate(())[0], self.rate(bad)) for _ in range(PAIRS)]
        if LONG:
            print(f"median of the ratios {statistics.median(ratios):.2f}", flush=True)

    def test_beside_three_that_crash_on_every_record(self):
        self.compare([name for name in CRASHING if not SANITIZE or name not in FOR_SANITIZERS])

    def test_beside_all_of_the_zoo(self):
        self.compare([name for name in self.zoo() if name not in NOT_ALL])

    def test_beside_each_of_the_zoo(self):
        ratios = []
        for isolation, names in (("process", self.zoo()), ("thread", FAULTY)):
            for count, name in enumerate(name for name in (names if LONG else SOME) if name not in NOT_ALL):
                if count % 4 == 0:
                    alone = statistics.median(self.rate((), records=OF_EACH)[0] for _ in range(3 if LONG else 1))
                with self.subTest(name, isolation=isolation):
                    ratios.append(self.told([name], isolation, alone, self.rate([name], isolation, OF_EACH)))
        if LONG:
            print(f"each: least {min(ratios):.2f}, median {statistics.median(ratios):.2f} of {len(ratios)}")

    def zoo(self):
        everything = [*FAULTY, *(name for name, error in DEADLY.items() if error is not None)]
        return [name for name in everything if not SANITIZE or name not in FOR_SANITIZERS]


if __name__ == "__main__":
    unittest.main()
