# SPDX-License-Identifier: Apache-2.0
"""The zoo in a running host: whatever a file or a function does, the others go on."""

import contextlib
import os
import pathlib
import re

from eddy import BUILD, SANITIZE, HostTest, wait_for

ZOO = BUILD / "bad_plugins"

# name: (step, part of the sentence)
REFUSED = {
    "no_symbol": ("elf", "found no such export"), "wrong_major": ("elf", "built for ABI 2"),
    "gnu_unique": ("elf", "-fno-gnu-unique"), "static_libstdcxx_exported": ("elf", "-fno-gnu-unique"),
    "exec_stack": ("elf", "executable stack"), "textrel": ("elf", "DT_TEXTREL"), "rpath": ("elf", "DT_RUNPATH"),
    "nodelete": ("elf", "DF_1_NODELETE"), "not_shared": ("elf", "executable"),
    "no_note": ("note", "none"), "two_notes": ("note", "two ABI notes"), "bad_name": ("note", "a/b"),
    "wrong_major_note": ("note", "ABI 2.0"), "newer_minor": ("note", "ABI 1.7"),
    "constructor_segv": ("probe", "SIGSEGV"), "constructor_throws": ("probe", "threw"),
    "constructor_aborts": ("probe", "SIGABRT"), "constructor_thread": ("probe", "SIGSEGV"),
    "constructor_kills": ("probe", "SIGKILL"), "constructor_exits": ("probe", "status 3"),
    "constructor_exits_at_once": ("probe", "status 0"), "constructor_forks": ("probe", "forks"),
    "constructor_hangs": ("probe", "still ran after 10000 ms"),
    "unresolved": ("load", "bad_function_that_is_nowhere"), "entry_null": ("describe", "expected"),
    "entry_no_describe": ("describe", "describe"), "entry_disagrees": ("describe", "expected"),
    "describe_segv": ("describe", "SIGSEGV"), "describe_throws": ("describe", ""), "describe_exits": ("describe", "exit"),
    "describe_spins": ("describe", ""), "init_false": ("describe", "LicenceError: no licence on this machine"),
    "silent_false": ("describe", "without a reason"), "null_function": ("describe", "process"),
    "self_model": ("describe", ""), "unknown_stream": ("topology", "did you mean"), "cycle": ("topology", "cycle"),
    "model_conflict": ("topology", "model"), "duplicate_function": ("topology", "function \"good\"")}

# name: the error type of a record that begins with "bad"
FAULTY = {"throws_int": "int", "throws_foreign": "Foreign", "throws_standard": "std::invalid_argument", "segv": "SIGSEGV",
          "null_call": "SIGSEGV", "stack_overflow": "SIGSEGV", "bus": "SIGBUS", "fpe": "SIGFPE", "ill": "SIGILL",
          "abort": "SIGABRT", "spins": "Timeout", "exits": "Exit", "exits_at_once": "Exit", "exits_thread": "Exit",
          "huge_output": "RecordTooLarge", "emits_unknown_stream": "OutputError", "fails_silently": "Error",
          "unknown_status": "Error", "static_libstdcxx": "std::runtime_error"}


HANG_MS = 8000  # longer than a busy machine holds up a good call of the same function


def hang_soon(faulty, more=""):
    """Settings: functions that are to hang do so for HANG_MS, the others have more time still on a busy machine."""
    hanging = "".join(f", bad_{name}: {{ timeout_ms: {HANG_MS} }}" for name in faulty if faulty[name] == "Timeout")
    return f"functions: {{ 'bad_*': {{ timeout_ms: 20000{more} }}{hanging} }}\n"


class ZooTest(HostTest):
    """A host with the one good plugin, which goes on whatever comes beside it."""

    def start_good(self, settings=""):
        host = self.host(settings)
        host.drop(ZOO / "good/good.so")
        return host.start()

    def feed_good(self, host, times):
        host.put("good_in", [b"%d" % i for i in range(times)])
        wait_for("the good plugin goes on", lambda: len(host.peek("good_out")) == times)

    def check_frames(self, letters):
        segv = next(x for x in letters if x["origin"]["stream"] == "bad_segv_in")
        self.assertEqual(segv["fault"]["signal"], "SIGSEGV")
        self.assertRegex(segv["fault"]["address"], r"\.so\+0x[0-9a-f]+$")
        self.assertTrue(segv["fault"]["frames"])


class BadPlugins(ZooTest):
    def reason(self, host, file):
        def refused():
            return next((p["reason"] for p in host.run_json("ls")["plugins"]
                         if pathlib.Path(p["file"]).name == file and p["state"] != "running"), None)
        return wait_for(f"{file} is refused", refused)

    def test_refused_plugins(self):
        host = self.start_good()
        for name in REFUSED:
            host.drop(ZOO / name / f"{name}.so")

        def refusals(name):
            lines = host.log_text().rpartition("\n")[0].splitlines()  # whole ones
            return [line for line in lines if f"{name}.so: {REFUSED[name][0]}:" in line]

        # Each by its line: one that is refused for another reason later is counted twice.
        self.assert_becomes(lambda: [name for name in REFUSED if not refusals(name)], [], "not refused in time", 300)
        wait_for("all are counted", lambda: host.metric("eddy_plugin_loads_total", result="refused") >= len(REFUSED))
        for name, (step, words) in REFUSED.items():
            if SANITIZE and step == "probe":
                words = "found one that"  # it reports a signal, and exits
            lines = refusals(name)
            self.assertIn(words, lines[0])
            self.assertRegex(lines[0], "expected .*found ", name)
        self.feed_good(host, 10)
        host.stop()

    def test_refused_files(self):
        host = self.start_good()
        good = (ZOO / "good/good.so").read_bytes()
        other = bytearray(good)
        other[18:20] = (183).to_bytes(2, "little")  # e_machine: AArch64

        def write(name, data, mode=0o755):
            path = host.plugins / name
            path.write_bytes(data)
            os.chmod(path, mode)

        write("truncated.so", good[:len(good) // 2])
        write("empty.so", b"")
        write("text.so", b"#!/bin/sh\necho no plugin\n")
        write("other_machine.so", bytes(other))
        write("world_writable.so", (ZOO / "segv/segv.so").read_bytes(), 0o777)
        write("zz_duplicate.so", good)
        (host.plugins / "folder.so").mkdir()
        os.symlink(ZOO / "segv/segv.so", host.plugins / "link.so")
        files = {"truncated.so": "elf", "empty.so": "expected", "text.so": "elf", "other_machine.so": "elf",
                 "world_writable.so": "writable", "zz_duplicate.so": "good.so", "folder.so": "regular file",
                 "link.so": "link"}
        for file, words in files.items():
            reason = self.reason(host, file)
            self.assertIn(file, reason)
            self.assertIn(words, reason)
        self.feed_good(host, 10)
        host.stop()

    def test_files_written_in_place(self):
        """As `cp` does it: what stands there for a while is refused, what it becomes is taken up, what runs goes on."""
        host = self.start_good()

        def is_now(plugin, state):
            wait_for(f"{plugin} is {state}", lambda: host.metric("eddy_plugin_state", plugin=plugin, state=state) == 1)

        text = host.plugins / "text.so"
        text.write_bytes(b"no plugin\n")
        is_now(str(text), "refused")

        plugin = (ZOO / "segv/segv.so").read_bytes()
        path = host.plugins / "segv.so"
        with open(path, "wb") as out:
            out.write(plugin[:len(plugin) // 2])
            out.flush()
            is_now(str(path), "refused")
            out.write(plugin[len(plugin) // 2:])
        is_now("bad_segv", "running")

        path.write_bytes(b"no plugin\n")
        wait_for("that is refused", lambda: re.search(r"segv\.so: elf: expected .* loaded before, goes on", host.log_text()))
        self.assertEqual(host.metric("eddy_plugin_state", plugin="bad_segv", state="running"), 1)
        self.feed_good(host, 10)
        host.stop()

    def test_faulty_functions(self):
        faulty = dict(FAULTY)
        if SANITIZE:  # its own stack checks and allocator end the process first
            for name in ("stack_overflow", "huge_output", "static_libstdcxx"):
                del faulty[name]
        host = self.start_good(hang_soon(faulty))
        for name in faulty:
            host.drop(ZOO / name / f"{name}.so")
        wait_for("all are loaded", lambda: host.metric("eddy_plugin_loads_total", result="loaded") >= len(faulty) + 1)
        for name in faulty:
            host.put(f"bad_{name}_in", [b"a", b"bad one", b"b", b"bad two", b"c"])
        host.wait_idle(300)
        letters = self.letters(host, "eddy_dead_letters")
        for name, error_type in faulty.items():
            self.assertEqual([r["value"] for r in host.peek(f"bad_{name}_out")], ["a", "b", "c"], name)
            mine = [x for x in letters if x["origin"]["stream"] == f"bad_{name}_in"]
            self.assertEqual([x["error_type"] for x in mine], [error_type] * 2, name)
            self.assertEqual([x["original_record"] for x in mine], ["bad one", "bad two"], name)
        self.check_frames(letters)
        self.feed_good(host, 10)
        self.assertIsNone(host.process.poll())
        host.stop()

    def children(self, host):
        """Their names; of one that has ended and is not collected, its name and Z."""
        found = []
        numbers = []
        for listed in pathlib.Path(f"/proc/{host.process.pid}/task").glob("*/children"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # the thread has ended
                numbers += listed.read_text().split()
        for child in numbers:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                text = pathlib.Path(f"/proc/{child}/stat").read_text()
                name, state = re.search(r"\((.*)\) (\S)", text).groups()
                found.append(name + (" Z" if state == "Z" else ""))
        return found

    def test_quarantine(self):
        host = self.start_good("functions: { bad_segv: { on_fault: quarantine } }\n")
        segv = host.drop(ZOO / "segv/segv.so")
        wait_for("it is loaded", lambda: host.metric("eddy_plugin_loads_total", plugin="bad_segv", result="loaded"))
        host.put("bad_segv_in", [b"a", b"bad", b"b"])
        wait_for("not ready for that", lambda: (answer := host.get("/readyz"))[0] == 503
                 and "bad_segv: quarantined" in answer[1])
        self.assertEqual([r["value"] for r in host.peek("bad_segv_out")], ["a"])
        self.feed_good(host, 5)
        os.unlink(segv)
        host.drop(ZOO / "segv/segv.so")
        wait_for("it goes on with a new file", lambda: len(host.peek("bad_segv_out")) == 2)
        host.stop()

    def test_setup_that_fails_or_faults(self):
        host = self.start_good()
        for name in ("create_fails", "create_segv"):
            host.drop(ZOO / name / f"{name}.so")
        wait_for("both are told", lambda: "no model file" in host.get("/readyz")[1]
                 and "could not be set up in a worker process: function bad_create_segv" in host.get("/readyz")[1])
        self.feed_good(host, 5)
        host.stop()

    def test_tainted_process_restarts_itself_and_loses_nothing(self):
        host = self.start_good(f"functions: {{ bad_sleeps: {{ timeout_ms: {HANG_MS} }} }}\n")
        host.drop(ZOO / "sleeps/sleeps.so")
        wait_for("it is loaded", lambda: host.metric("eddy_plugin_loads_total", plugin="bad_sleeps", result="loaded"))
        host.put("bad_sleeps_in", [b"a", b"bad", b"b"])
        wait_for("both innocent records are through", lambda: len(host.peek_or_none("bad_sleeps_out")) == 2)
        letter, = self.letters(host, "eddy_dead_letters")
        self.assertEqual(letter["error_type"], "Timeout")
        # What is left may be through before: a control thread that hears of the fault first has it go on elsewhere.
        wait_for("it has started itself anew", lambda: host.log_text().count("host: running;") >= 2)
        self.assertIn("tainted", host.log_text())
        self.assertIsNone(host.process.poll())
        # Nothing of the image before is left, not even to be collected; what this one tries comes and goes.
        one_with_or_without_a_spare = (["eddy:bad_sleeps"], ["eddy:bad_sleeps"] * 2)  # which a slow set-up has
        wait_for("a zygote and one worker are all its children", lambda: sorted(self.children(host)) in
                 [[*workers, "eddy:zygote"] for workers in one_with_or_without_a_spare])
        self.feed_good(host, 5)
        host.stop()
