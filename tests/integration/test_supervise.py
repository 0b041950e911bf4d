# SPDX-License-Identifier: Apache-2.0
"""A record that kills the process is not run for ever; a host that dies comes back."""

import os
import signal

from eddy import BUILD, HostTest, wait_for


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


class Supervise(HostTest):
    def test_a_record_that_kills_the_process_ends_as_killed(self):
        host = self.host()
        host.drop(BUILD / "test_plugins/killer.so")
        host.start("--supervise")
        host.put("killer_in", [b"one", b"kill", b"two"])
        wait_for("three records ended", lambda: len(host.peek_or_none("killer_out")) == 2)
        host.wait_idle()
        self.assertEqual([record["value"] for record in host.peek("killer_out")], ["one", "two"])
        letter, = self.letters(host, "KillerDLQ")
        self.assertEqual((letter["error_type"], letter["original_record"], letter["attempts"]), ("Killed", "kill", 2))
        self.assertEqual(host.log_text().count("SIGKILL"), 2, host.log_text())
        host.stop()

    def test_killed_child_comes_back_and_goes_on(self):
        host = self.host()
        host.drop(BUILD / "test_plugins/copy.so")
        host.start("--supervise")
        for round_ in range(3):
            child, = children(host.process.pid)
            os.kill(child, signal.SIGKILL)
            wait_for("another child", lambda: children(host.process.pid) not in ([], [child]))
            host.put("copy_in", [b"%d" % round_])
            wait_for("the record is through", lambda: len(host.peek_or_none("copy_out")) == round_ + 1)
        host.stop()

    def test_wrong_configuration_is_not_tried_again(self):
        host = self.host("nonsense: 1\n")
        self.assertEqual(host.run("run", "--supervise", code=78), "")
        self.assertIn("nonsense", host.stderr)
