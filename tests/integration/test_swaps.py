# SPDX-License-Identifier: Apache-2.0
"""Hot swaps while records flow: each record by exactly one version, and no long pause. What hangs holds up nobody else."""

import signal
import struct
import subprocess
import threading
import time
import unittest

from eddy import BINARY, BUILD, SANITIZE, HostTest, wait_for

RECORDS = 100_000 if SANITIZE else 1_000_000
SWAPS = 21 if SANITIZE else 101  # odd: the last one is to version 2
LONG_PAUSE = 1.0
ZOO = BUILD / "bad_plugins"
HEADER, CELL, WORKER, SUSPECT = 4096, 512, 1, 2  # the attempt journal, as host/guard/README.md has it


class Swaps(HostTest):
    def test_swaps_under_load(self):
        host = self.host()
        versions = [BUILD / "test_plugins/stamp_v1.so", BUILD / "test_plugins/stamp_v2.so"]
        host.drop(versions[0], "stamp.so")
        host.start()
        swaps, pauses, done = [], [], threading.Event()

        def swap():
            try:
                wait_for("version 1 works", lambda: host.metric("eddy_records_total", function="stamp"))
                for i in range(SWAPS):
                    host.drop(versions[(i + 1) % 2], "stamp.so")
                    wanted = i + 2
                    wait_for(f"load {wanted}", lambda: host.metric("eddy_plugin_loads_total", plugin="stamp",
                                                                   result="loaded") >= wanted)
                    swaps.append(time.monotonic())
                # The metric is told first, the view when what it says is what runs.
                wait_for("version 2 is shown", lambda: host.metric("eddy_plugin_info", plugin="stamp", version="2.0.0"))
            finally:
                done.set()

        def watch():
            """How long the records stood still, each time that they did, though there were some: from the end of one
            scrape to the begin of another, as what holds up a scrape is not the records' pause."""
            last, since, pause = -1, time.monotonic(), 0.0
            while not done.wait(0.005):
                begin = time.monotonic()
                now, lag = self.progress(host)
                if now == last and lag > 0:
                    pause = begin - since
                    continue
                pauses.append(pause)
                last, since, pause = now, time.monotonic(), 0.0
            pauses.append(pause)

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
            # A busy machine may hold up the host now and then; what a swap does it does every time.
            pauses = [pause for pause in pauses if pause >= LONG_PAUSE]
            self.assertLess(len(pauses), SWAPS // 10, pauses)
        host.stop()

    def progress(self, host):
        """Records that have ended, and those that wait, in one scrape."""
        of = {"eddy_records_total": 0.0, "eddy_consumer_lag": 0.0}
        for series, value in host.metrics().items():
            name = series.split("{")[0]
            if name in of and 'function="stamp"' in series:
                of[name] += value
        return of.values()

    def feed(self, host, done):
        """All records, spread over the time that the swaps take; the last ones are for the last version."""
        with subprocess.Popen([BINARY, "put", "stamp_in", "-c", host.config], stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL) as put:
            step = RECORDS // 200
            for begin in range(0, RECORDS, step):
                if begin + step == RECORDS:
                    done.wait()
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


def cells(host):
    """Of the attempt journal: function, kind, whether it is in a call."""
    journal = (host.folder / "data/attempts.journal").read_bytes()
    for at in range(HEADER, len(journal), CELL):
        kind, in_call = struct.unpack_from("<II", journal, at)
        size, = struct.unpack_from("<I", journal, at + 28)
        yield journal[at + 32:at + 32 + size].decode(), kind, in_call


class Hangs(HostTest):
    def hang(self, host, function):
        host.put(f"{function}_in", [b"bad"])
        self.wait_in_call(host, function)

    def wait_in_call(self, host, function):
        wait_for(f"{function} is in a call", lambda: (function, WORKER, 1) in cells(host))

    def wait_running(self, host, function, records):
        host.put(f"{function}_in", [b"x"])
        wait_for(f"{function} runs", lambda: len(host.peek_or_none(f"{function}_out")) == records)

    def test_a_call_that_hangs_holds_up_nobody_else_and_its_own_successor(self):
        host = self.host()
        spins = host.drop(ZOO / "spins/spins.so")
        host.start()
        wait_for("it is loaded", lambda: host.metric("eddy_plugin_loads_total", plugin="bad_spins", result="loaded"))
        self.hang(host, "bad_spins")
        spins.unlink()
        wait_for("it is gone", lambda: host.metric("eddy_plugin_loads_total", plugin="bad_spins", result="removed"))
        host.drop(ZOO / "good/good.so")
        self.wait_running(host, "good", 1)
        host.drop(ZOO / "spins/spins.so")
        wait_for("it waits", lambda: "function bad_spins: waits for a call that began before" in host.get("/readyz")[1])
        self.assertEqual([name for name, kind, _ in cells(host) if kind == WORKER].count("bad_spins"), 1)
        host.process.send_signal(signal.SIGTERM)
        host.process.wait(300)
        host.stop(code=1)
        self.assertIn("function bad_spins did not end within 30 s", host.log_text())
        self.assertNotIn(1, [in_call for _, _, in_call in cells(host)], "an orderly end is no death of its record")
        # Begun anew it has its record again, and none of the two deaths that would end it as Killed.
        host.start()
        self.wait_in_call(host, "bad_spins")
        self.assertNotIn(SUSPECT, [kind for _, kind, _ in cells(host)])
        host.kill()

    @unittest.skipIf(SANITIZE, "a double free is the sanitizer's before it is the guard's")
    def test_a_restart_for_one_plugins_fault_is_no_death_of_anothers_record(self):
        host = self.host()
        for plugin in ("sleeps", "double_free"):
            host.drop(ZOO / f"{plugin}/{plugin}.so")
        host.start()
        wait_for("both are loaded", lambda: host.metric("eddy_plugin_loads_total", result="loaded") == 2)
        self.hang(host, "bad_sleeps")
        host.put("bad_double_free_in", [b"bad"])
        wait_for("it has started itself again", lambda: host.log_text().count("host: running; ") >= 2)
        self.assertIn("has tainted this process", host.log_text())
        self.wait_in_call(host, "bad_sleeps")
        self.assertNotIn(("bad_sleeps", SUSPECT), [(name, kind) for name, kind, _ in cells(host)])
        host.kill()
