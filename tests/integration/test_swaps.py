# SPDX-License-Identifier: Apache-2.0
"""Hot swaps while records flow: each record by exactly one version, and no long pause."""

import subprocess
import threading
import time
import unittest

from eddy import BINARY, BUILD, SANITIZE, HostTest, wait_for

RECORDS = 100_000 if SANITIZE else 1_000_000
SWAPS = 20 if SANITIZE else 100


class Swaps(HostTest):
    def test_swaps_under_load(self):
        host = self.host()
        versions = [BUILD / "test_plugins/stamp_v1.so", BUILD / "test_plugins/stamp_v2.so"]
        host.drop(versions[0], "stamp.so")
        host.start()
        swaps, pauses, done = [], [], threading.Event()

        def swap():
            for i in range(SWAPS):
                host.drop(versions[(i + 1) % 2], "stamp.so")
                wanted = i + 2
                wait_for(f"load {wanted}", lambda: host.metric("eddy_plugin_loads_total", plugin="stamp",
                                                               result="loaded") >= wanted)
                swaps.append(time.monotonic())
            done.set()

        def watch():
            last, since = -1, time.monotonic()
            while not done.is_set():
                now = host.metric("eddy_records_total", function="stamp", outcome="delivered")
                if now != last:
                    last, since = now, time.monotonic()
                elif host.metric("eddy_consumer_lag", function="stamp") > 0:
                    pauses.append(time.monotonic() - since)

        threads = [threading.Thread(target=swap), threading.Thread(target=watch)]
        for thread in threads:
            thread.start()
        self.feed(host, done)
        for thread in threads:
            thread.join()
        host.wait_idle()
        self.check(host)
        self.assertEqual(len(swaps), SWAPS)
        if not SANITIZE:
            self.assertLess(max(pauses, default=0), 1.0)
        host.stop()

    def feed(self, host, done):
        """All records, spread over the time that the swaps take."""
        with subprocess.Popen([BINARY, "put", "stamp_in", "-c", host.config], stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL) as put:
            step = RECORDS // 200
            for begin in range(0, RECORDS, step):
                put.stdin.write(b"".join(b"%d\n" % i for i in range(begin, begin + step)))
                put.stdin.flush()
                done.wait(0.25)
        self.assertEqual(put.returncode, 0)

    def check(self, host):
        seen = bytearray(RECORDS)
        by_version = {"v1": 0, "v2": 0}
        with subprocess.Popen([BINARY, "peek", "stamp_out", "-n", str(10 * RECORDS), "-c", host.config],
                              stdout=subprocess.PIPE, text=True) as peek:
            for line in peek.stdout:
                number, version = line.split()
                seen[int(number)] += 1
                by_version[version] += 1
        self.assertEqual(seen.count(1), RECORDS)
        self.assertGreater(min(by_version.values()), 0, by_version)
