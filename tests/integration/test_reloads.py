# SPDX-License-Identifier: Apache-2.0
"""A storm of reloads while records flow: newer, older and bad builds, on both transports. Every record ends once, by one
version; memory and descriptors stay as they were. 500 reloads with EDDY_LONG=1."""

import os
import pathlib
import statistics
import subprocess
import sys
import threading
import time

from eddy import BINARY, BUILD, SANITIZE, wait_for
from kafka import KafkaTest, settings
from test_bad_plugins import ZOO

RELOADS = 500 if os.environ.get("EDDY_LONG") else 20 if SANITIZE else 60
PER_SECOND = 2_000 if SANITIZE else 20_000
AT_ONCE = 10_000  # that `put` writes
GOOD = [BUILD / "test_plugins/stamp_v2.so", BUILD / "test_plugins/stamp_v1.so"]
BAD = [ZOO / f"{name}/{name}.so" for name in ("constructor_segv", "describe_throws", "no_note", "unresolved")]


class Feed:
    """So many records a second, numbered, until stop(); not far ahead of the host, as what waits takes memory."""

    def __init__(self, host):
        self.host = host
        self.fed = 0
        self.stopped = threading.Event()
        self.put = subprocess.Popen([BINARY, "put", "stamp_in", "-c", host.config], stdin=subprocess.PIPE,
                                    stdout=subprocess.DEVNULL)
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        step = PER_SECOND // 20
        begin = time.monotonic()
        while not self.stopped.is_set():
            self.put.stdin.write(b"".join(b"%d\n" % n for n in range(self.fed, self.fed + step)))
            self.put.stdin.flush()
            self.fed += step
            if self.fed % PER_SECOND == 0:
                while not self.stopped.is_set() and self.fed - ended(self.host) > 10 * PER_SECOND:
                    self.stopped.wait(0.1)
            self.stopped.wait(max(0.0, begin + self.fed / PER_SECOND - time.monotonic()))

    def stop(self):
        self.stopped.set()
        self.thread.join()
        self.put.stdin.close()
        return self.put.wait(600)


def ended(host):
    return host.metric("eddy_records_total", function="stamp")


class Pauses:
    """How long the count of ended records stood still while there were more."""

    def __init__(self, host, feed):
        self.host, self.feed, self.longest, self.done = host, feed, [], threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        last, since = 0, time.monotonic()
        while not self.done.wait(0.005):
            now = ended(self.host)
            if now != last or now >= self.feed.fed:
                self.longest.append(time.monotonic() - since)
                last, since = now, time.monotonic()

    def stop(self):
        self.done.set()
        self.thread.join()
        return sorted(self.longest)


def memory_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


class Reloads(KafkaTest):
    def storm(self, host):
        host.drop(GOOD[1], "stamp.so")
        host.start()
        feed = Feed(host)
        wait_for("records flow", lambda: ended(host) > PER_SECOND)
        loads = self.reload_some(host, 4, 1, 0)  # what is made once is made now
        memory, files = memory_kib(host.process.pid), descriptors(host.process.pid)
        pauses = Pauses(host, feed)
        self.reload_some(host, RELOADS + 1, *loads)
        # The last one is to version 2. It may have had no record so far: `put` writes many at once, and a unit of each
        # worker may still be the build's before.
        before = ended(host)
        wait_for("version 2 works", lambda: ended(host) > before + 2 * AT_ONCE)
        longest = pauses.stop()
        self.assertEqual(feed.stop(), 0)
        self.check_records(host, feed.fed)
        wait_for(f"no more descriptors than {files} and a few", lambda: descriptors(host.process.pid) <= files + 8)
        if not SANITIZE:
            # 26 KiB a generation and what the store's cache takes; a leak of records or images would be far more.
            self.assertLess(memory_kib(host.process.pid) - memory, RELOADS * 100 + 64 * 1024)
        at = lambda share: 1000 * longest[int(share * (len(longest) - 1))]  # noqa: E731
        print(f"{RELOADS} reloads, {feed.fed} records: no progress for {1000 * statistics.median(longest):.0f} ms (p50), "
              f"{at(0.99):.0f} (p99), {at(1):.0f} (longest); memory {memory} to {memory_kib(host.process.pid)} KiB",
              file=sys.stderr)
        host.stop()

    def reload_some(self, host, count, loaded, refused):
        for i in range(count):
            if i % 2 == 0:
                host.drop(GOOD[i // 2 % 2], "stamp.so")
                loaded += 1
            else:
                host.drop(BAD[i // 2 % len(BAD)], "stamp.so")
                refused += 1
            wait_for(f"reload {i}", lambda: host.metric("eddy_plugin_loads_total", result="loaded") >= loaded
                     and host.metric("eddy_plugin_loads_total", result="refused") >= refused)
        return loaded, refused

    def check_records(self, host, fed):
        wait_for("all have ended", lambda: ended(host) >= fed, 300)
        seen, versions = bytearray(fed), {}
        with subprocess.Popen([BINARY, "peek", "stamp_out", "-n", str(10 * fed), "-c", host.config],
                              stdout=subprocess.PIPE, text=True) as peek:
            for line in peek.stdout:
                number, version = line.split()
                seen[int(number)] += 1
                versions[version] = versions.get(version, 0) + 1
        self.assertEqual(seen.count(1), fed, {count: seen.count(count) for count in set(seen)})
        self.assertEqual(sorted(versions), ["v1", "v2"])

    def test_on_the_embedded_store(self):
        self.storm(self.host())

    def test_on_kafka(self):
        if SANITIZE:
            self.skipTest("what Kafka does is the same under every compiler; brokers take minutes")
        self.storm(self.host(settings(self.cluster())))
