# SPDX-License-Identifier: Apache-2.0
"""What the host tells a service manager, as systemd would hear it: a real socket, and nobody at the other end but this."""

import os
import queue
import signal
import socket
import subprocess
import threading
import time

from eddy import BINARY, BUILD, HostTest, wait_for

WATCHDOG_S = 2.0


class Manager:
    """The manager's end of NOTIFY_SOCKET. It takes each word at once: there is room for ten, then the host waits."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.heard = queue.SimpleQueue()
        self.thread = threading.Thread(target=self.hear, daemon=True)
        self.thread.start()

    def hear(self):
        while text := self.socket.recv(65536):
            self.heard.put(text.decode())

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.socket.close()

    def next(self, seconds):
        """One message as a dictionary, or None when none came."""
        try:
            text = self.heard.get(timeout=seconds)
        except queue.Empty:
            return None
        return dict(line.split("=", 1) for line in text.splitlines())

    def until(self, key, value=None):
        """The first message that has this, and all before it."""
        before = []
        end = time.monotonic() + 180
        while True:
            message = self.next(max(0.01, end - time.monotonic()))
            assert message is not None, f"no {key}={value} within three minutes, after {before}"
            if message.get(key) == (value or message.get(key, "")) and key in message:
                return message, before
            before.append(message)

    def silent_for(self, seconds):
        """Whether the watchdog's interval passes without a word; what is on its way at first does not count."""
        while self.next(0.1) is not None:
            continue
        return self.next(seconds) is None


class Service(HostTest):
    def service(self, settings="", environment=None, arguments=()):
        host = self.host(settings)
        manager = Manager(host.folder / "notify")
        self.addCleanup(manager.close)
        environment = {**os.environ, "NOTIFY_SOCKET": str(manager.path),
                       "WATCHDOG_USEC": str(int(WATCHDOG_S * 1e6)), **(environment or {})}
        host.drop(BUILD / "test_plugins/copy.so")
        self.launch(host, environment, arguments)
        return host, manager

    def launch(self, host, environment, arguments=()):
        with open(host.log, "ab") as log:
            host.log_begin = log.tell()
            host.process = subprocess.Popen([BINARY, "run", "-c", host.config, *arguments], stderr=log, stdout=log,
                                            env=environment)

    def test_the_life_of_a_service(self):
        host, manager = self.service()
        start, _ = manager.until("EXTEND_TIMEOUT_USEC")
        self.assertIn("opening", start["STATUS"])
        ready, before = manager.until("READY", "1")
        self.assertFalse([m for m in before if "STOPPING" in m or "RELOADING" in m], "nothing of that before it is ready")
        self.assertIn("1 plugin, 1 function", ready["STATUS"])
        self.assertEqual(host.get("/readyz")[0], 200, "ready means ready")
        for _ in range(3):
            manager.until("WATCHDOG", "1")

        host.process.send_signal(signal.SIGHUP)
        reloading, _ = manager.until("RELOADING", "1")
        self.assertGreater(int(reloading["MONOTONIC_USEC"]), 0)
        taken, _ = manager.until("READY", "1")
        self.assertIn("was taken", taken["STATUS"])
        host.configure("nonsense: 1\n")
        manager.until("RELOADING", "1")
        refused, _ = manager.until("READY", "1")
        self.assertIn("refused", refused["STATUS"])
        status, _ = manager.until("STATUS")
        self.assertIn("1 plugin, 1 function", status["STATUS"])

        host.process.send_signal(signal.SIGTERM)
        manager.until("STOPPING", "1")
        host.stop()

    def test_what_is_wrong_is_said(self):
        host, manager = self.service()
        manager.until("READY", "1")
        (host.plugins / "bad.so").write_text("no plugin")
        os.chmod(host.plugins / "bad.so", 0o755)
        wait_for("a refusal", lambda: "bad.so" in host.log_text())
        host.drop(BUILD / "test_plugins/ledger.so")
        manager.until("STATUS", "running: 2 plugins (1 refused), 1 function, 1 table feed")
        host.stop()

    def test_a_hung_control_thread_is_not_alive(self):
        host, manager = self.service("watch_config: false\n")
        manager.until("READY", "1")
        manager.until("WATCHDOG", "1")
        # A reload that never ends: the control thread waits for somebody who writes the file.
        text = host.config.read_text()
        host.config.unlink()
        os.mkfifo(host.config)
        host.process.send_signal(signal.SIGHUP)
        manager.until("RELOADING", "1")
        self.assertTrue(manager.silent_for(WATCHDOG_S), "the manager would have been told that all is well")
        self.assertEqual(host.get("/healthz")[0], 200, "it is the control thread alone that hangs")
        # Then it is killed, as systemd does it, and the next one goes on.
        host.process.send_signal(signal.SIGABRT)
        self.assertEqual(host.process.wait(180), -signal.SIGABRT)
        os.unlink(host.config)
        host.config.write_text(text)
        self.launch(host, {**os.environ, "NOTIFY_SOCKET": str(manager.path)})
        manager.until("READY", "1")
        host.put("copy_in", [b"1"])
        host.wait_idle()
        self.assertEqual([record["value"] for record in host.peek("copy_out")], ["1"])
        host.stop()
        _, before = manager.until("STOPPING", "1")
        self.assertFalse([m for m in before if "WATCHDOG" in m], "without a watchdog there is nothing to feed")

    def test_a_process_that_starts_itself_again_is_the_same_service(self):
        host, manager = self.service("functions: { bad_sleeps: { timeout_ms: 8000 } }\n")
        manager.until("READY", "1")
        host.drop(BUILD / "bad_plugins/sleeps/sleeps.so")
        wait_for("it is loaded", lambda: "loaded version" in host.log_text() and "sleeps" in host.log_text())
        host.put("bad_sleeps_in", [b"a", b"bad", b"b"])
        _, before = manager.until("RELOADING", "1")
        self.assertFalse([m for m in before if "STOPPING" in m])
        again, between = manager.until("READY", "1")
        self.assertFalse([m for m in between if "STOPPING" in m], "systemd would wait for its end")
        self.assertIn("plugin", again["STATUS"])
        manager.until("WATCHDOG", "1")
        self.assertIsNone(host.process.poll(), "the same process")
        host.stop()

    def test_under_supervise_the_child_speaks(self):
        host, manager = self.service(arguments=("--supervise",))
        manager.until("READY", "1")
        manager.until("WATCHDOG", "1")
        host.process.send_signal(signal.SIGTERM)
        manager.until("STOPPING", "1")
        host.stop()
