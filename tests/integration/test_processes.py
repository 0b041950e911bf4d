# SPDX-License-Identifier: Apache-2.0
"""Functions in worker processes: whatever they do to theirs, the host, the other functions and the records are whole."""

import contextlib
import datetime
import os
import pathlib
import re
import signal

from eddy import BUILD, SANITIZE, wait_for
from test_bad_plugins import FAULTY, ZOO, ZooTest, hang_soon

# What only another process survives. name: the error type of a record that begins with "bad"
DEADLY = {"kills": "Killed", "sleeps": "Timeout", "double_free": "SIGABRT", "heap": "SIGABRT", "blocks_signals": "Timeout",
          "foreign_thread": "SIGSEGV", "forks": "Refused", "opens": "Refused", "connects": "Refused", "kills_host": "Refused",
          "eats_memory": "Refused", "closes_all": None, "bare_exit": "Exit"}

# What a process can only do that lies to its host, by the memory that both of them have.
LYING = {"hides_and_stops": "Timeout", "hides_and_dies": "Killed", "asks_for_less": "Killed", "asks_for_all": "Killed",
         "asks_for_more": "RecordTooLarge"}

# Processes of a function that is quick to set up; on a busy machine nothing is, and there is a spare.
ONE = (1, 2)


def children(pid):
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            found += map(int, (task / "children").read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            continue  # the thread has ended meanwhile
    return found


def workers(host, function=""):
    """Living processes that run this function for the host, or any, the oldest first. One that has died while it had
    nothing to do is collected when the next record comes."""
    found = []
    for pid in children(host.process.pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            text = pathlib.Path(f"/proc/{pid}/stat").read_text()
            name, state = re.search(r"\((.*)\) (\S)", text).groups()
            if state not in "ZX" and name.startswith(f"eddy:{function}"[:15]) and "zygote" not in name:
                found.append(pid)
    return sorted(found)


def processor_time(host):
    """Seconds that the host's processes have used that have ended."""
    fields = pathlib.Path(f"/proc/{host.process.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[13:15])) / os.sysconf("SC_CLK_TCK")


class Processes(ZooTest):
    def run_zoo(self, host, faulty):
        for name in faulty:
            host.drop(ZOO / name / f"{name}.so")
        wait_for("all are loaded", lambda: host.metric("eddy_plugin_loads_total", result="loaded") >= len(faulty) + 1)
        for name in faulty:
            host.put(f"bad_{name}_in", [b"a", b"bad one", b"b", b"bad two", b"c"])
        host.wait_idle(300)
        letters = self.letters(host, "eddy_dead_letters")
        for name, error_type in faulty.items():
            mine = [x for x in letters if x["origin"]["stream"] == f"bad_{name}_in"]
            if error_type is None:
                self.assertEqual(len(host.peek(f"bad_{name}_out")), 5, name)
                self.assertEqual(mine, [], name)
                continue
            self.assertEqual([r["value"] for r in host.peek(f"bad_{name}_out")], ["a", "b", "c"], name)
            self.assertEqual([x["error_type"] for x in mine], [error_type] * 2, (name, mine))
            self.assertEqual([x["original_record"] for x in mine], ["bad one", "bad two"], name)
        return letters

    def test_faults_that_a_thread_survives_too(self):
        faulty = dict(FAULTY)
        if SANITIZE:  # its own stack checks and allocator end the process first
            for name in ("stack_overflow", "huge_output", "static_libstdcxx"):
                del faulty[name]
        faulty["bus"] = "SIGSEGV"  # it is not given the file it would read
        host = self.start_good(hang_soon(faulty, ", isolation: process"))
        letters = self.run_zoo(host, faulty)
        self.check_frames(letters)
        self.feed_good(host, 10)
        self.assertIsNone(host.process.poll())
        host.stop()

    def test_what_only_a_process_survives(self):
        deadly = dict(DEADLY)
        if SANITIZE:
            for name in ("heap", "double_free", "eats_memory", "foreign_thread"):  # theirs: the heap, and faults outside of calls
                del deadly[name]
        host = self.start_good(hang_soon(deadly, ", isolation: process, sandbox: { memory_mib: 256 }"))
        self.run_zoo(host, deadly)
        self.feed_good(host, 10)
        self.assertIsNone(host.process.poll())
        self.assertGreater(host.metric("eddy_worker_process_deaths_total", function="bad_kills"), 0)
        host.stop()

    def test_a_process_that_lies_is_judged_all_the_same(self):
        host = self.start_good(hang_soon(LYING, ", isolation: process"))
        self.run_zoo(host, LYING)
        self.feed_good(host, 10)
        # What one of them was in trouble over is shown for a moment longer.
        self.assert_becomes(lambda: host.get("/readyz"), (200, "ready\n"), "no function is in trouble")
        host.stop()

    def test_a_large_record_costs_a_function_nothing_that_it_has(self):
        host = self.start_good("functions: { count: { isolation: process } }\n")
        host.drop(BUILD / "test_plugins/count_v1.so")
        wait_for("it is loaded", lambda: host.metric("eddy_plugin_loads_total", plugin="count", result="loaded"))
        large = b"x" * (2 << 20)
        host.put("count_in", [b"x", b"x", large, b"x", large, b"x"])
        host.wait_idle()
        self.assertEqual([r["value"] for r in host.peek("count_out")], [f"{n} v1" for n in range(1, 7)])
        self.assertEqual(host.metric("eddy_worker_process_deaths_total", function="count"), 0)
        host.stop()

    def trial(self, host, build):
        """How a new build comes through a trial over the dead letters of the one that runs."""
        before = {result: host.metric("eddy_plugin_loads_total", plugin="bad_letters", result=result)
                  for result in ("refused", "promoted")}
        host.drop(ZOO / f"letters_{build}/letters_{build}.so", "letters.so")
        return wait_for("it is judged", lambda: next(
            (result for result, count in before.items()
             if host.metric("eddy_plugin_loads_total", plugin="bad_letters", result=result) > count), None), 300)

    def start_letters(self, build):
        host = self.host("functions: { 'bad_*': { isolation: process } }\n")
        text = host.config.read_text()
        host.config.write_text(text.replace("plugins.d }", "plugins.d, reload: canary, "
                                            "canary: { records: 0, letters: 40, window_ms: 200, budget_ms: 600000 } }"))
        host.drop(ZOO / f"letters_{build}/letters_{build}.so", "letters.so")
        host.start()
        wait_for("it is loaded", lambda: host.metric("eddy_plugin_loads_total", plugin="bad_letters", result="loaded"))
        host.put("bad_letters_in", [b"a", b"bad one", b"bad two"])
        host.wait_idle()
        self.assertEqual(len(self.letters(host, "eddy_dead_letters")), 2)
        return host

    def test_a_new_build_that_faults_on_an_open_letter_is_turned_away(self):
        host = self.start_letters("fails")
        self.assertEqual(self.trial(host, "faults"), "refused")
        self.assertRegex(host.log_text(), r"canary: bad_letters at bad_letters_in/\d/\d+: SIGSEGV")
        host.stop()

    def test_a_new_build_that_faults_where_the_one_before_was_killed_is_none_the_worse(self):
        host = self.start_letters("kills")
        self.assertEqual(self.trial(host, "faults"), "promoted")
        host.stop()

    def test_a_plugin_that_faults_in_a_thread_moves_until_its_file_is_replaced(self):
        host = self.start_good()
        path = host.drop(ZOO / "segv/segv.so")
        wait_for("it is loaded", lambda: host.metric("eddy_plugin_loads_total", plugin="bad_segv", result="loaded"))
        self.assertEqual(workers(host), [])
        host.put("bad_segv_in", [b"a", b"bad one", b"b", b"bad two", b"c"])
        host.wait_idle()
        self.assertEqual([r["value"] for r in host.peek("bad_segv_out")], ["a", "b", "c"])
        self.assertEqual([x["error_type"] for x in self.letters(host, "eddy_dead_letters")], ["SIGSEGV"] * 2)
        self.assertEqual(host.metric("eddy_plugin_loads_total", plugin="bad_segv", result="isolated"), 1)
        self.assertIn(len(workers(host)), ONE)
        host.stop()
        self.assertIn("on_fault: isolate", host.log_text())
        host.start()  # it is remembered
        wait_for("its worker is back", lambda: len(workers(host)) in ONE)
        os.unlink(path)
        wait_for("it is gone", lambda: not workers(host))
        self.feed_good(host, 5)
        host.stop()

    def feed_and_kill(self, host, function, values, spare=True):
        """Feeds it, and kills its process, once that has ended a record: what dies over its first is taken for killed
        by that record. The spare, if there is one, is the younger and dies first, so that it takes up nothing."""
        ended = lambda: host.metric("eddy_records_total", function=function)  # noqa: E731
        known = workers(host, function)
        before = ended()  # after the look at them: the one at work has had a part in what is counted from here on
        host.put(f"{function}_in", values)
        wait_for(f"{function} ends more records", lambda: ended() > before)
        for pid in reversed(known if spare else known[:1]):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def test_killed_workers_lose_and_repeat_nothing(self):
        # Small units: a process dies in the midst of many of them.
        host = self.start_good("functions: { good: { isolation: process, unit_records: 20 } }\n")
        count, batch = 20_000, 1000
        for first in range(0, count, batch):
            self.feed_and_kill(host, "good", [b"%d" % i for i in range(first, first + batch)])
        host.wait_idle()
        self.assertEqual([int(r["value"]) for r in host.peek("good_out", count + 1)], list(range(count)))
        self.assertEqual(self.letters(host, "eddy_dead_letters"), [])
        self.assertGreater(host.metric("eddy_worker_process_deaths_total", function="good"), 0)
        host.stop()

    def test_who_crashes_all_the_time_backs_off_and_is_done_all_the_same(self):
        host = self.start_good("functions: { '*': { isolation: process } }\n")
        host.drop(ZOO / "kills/kills.so")
        wait_for("it is loaded", lambda: host.metric("eddy_plugin_loads_total", plugin="bad_kills", result="loaded"))
        used = processor_time(host)
        host.put("bad_kills_in", [b"bad"] * 60 + [b"well"])
        for batch in range(5):
            self.feed_and_kill(host, "good", [b"%d" % i for i in range(batch * 100, batch * 100 + 100)], spare=False)
        host.wait_idle(600)
        used = processor_time(host) - used
        letters = self.letters(host, "eddy_dead_letters")
        self.assertEqual([x["error_type"] for x in letters], ["Killed"] * 60)
        self.assertEqual([r["value"] for r in host.peek("bad_kills_out")], ["well"])
        self.assertEqual(len(host.peek("good_out", 501)), 500)
        self.assertEqual(host.metric("eddy_worker_process_backoffs_total", function="good"), 0)
        if host.metric("eddy_worker_process_backoffs_total", function="bad_kills"):
            self.assertIn("die again and again", host.log_text())
        else:
            # It may have a tenth of a processor without that, and more at first; a busy machine gives no more.
            times = [datetime.datetime.fromisoformat(x["failed_at"]) for x in letters]
            self.assertLess(used / (max(times) - min(times)).total_seconds(), 0.3, "it should have backed off")
        host.stop()

    def test_a_function_that_is_slow_to_set_up_has_a_spare(self):
        host = self.start_good("functions: { '*': { isolation: process } }\n")
        host.drop(ZOO / "create_slow/create_slow.so")
        wait_for("a worker and a spare", lambda: len(workers(host, "bad_create_slow")) == 2)
        for batch in range(4):
            self.feed_and_kill(host, "bad_create_slow", [b"%d" % n for n in range(batch * 100, batch * 100 + 100)])
        host.put("bad_create_slow_in", [b"400"])  # whose process may have died with nothing to do, which is noticed now
        host.wait_idle()
        self.assertEqual([int(r["value"]) for r in host.peek("bad_create_slow_out")], list(range(401)))
        wait_for("there is a spare again", lambda: len(workers(host, "bad_create_slow")) == 2)
        host.stop()

    def test_workers_do_not_outlive_their_host(self):
        host = self.start_good("functions: { good: { isolation: process } }\n")
        wait_for("its worker is there", lambda: len(workers(host)) in ONE)
        pids = children(host.process.pid)
        host.process.kill()
        host.process.wait()
        wait_for("all are gone", lambda: not any(pathlib.Path(f"/proc/{pid}/exe").exists() for pid in pids))

    def test_the_host_loads_no_code_that_it_does_not_call(self):
        host = self.start_good("functions: { good: { isolation: process } }\n")
        self.feed_good(host, 5)
        maps = pathlib.Path(f"/proc/{host.process.pid}/maps")
        self.assertNotIn("/good.so", maps.read_text())
        host.configure()
        host.process.send_signal(signal.SIGHUP)
        wait_for("its code is needed here now", lambda: "/good.so" in maps.read_text())
        wait_for("no process runs it any more", lambda: not workers(host))
        host.put("good_in", [b"here"])
        wait_for("it goes on", lambda: len(host.peek("good_out")) == 6)
        host.stop()
