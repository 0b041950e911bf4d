# SPDX-License-Identifier: Apache-2.0
"""The configuration is taken anew when its file changes, and left alone when it is wrong."""

import signal

from eddy import BUILD, HostTest, wait_for


class ConfigReload(HostTest):
    def reloads(self, host, result):
        return host.metric("eddy_config_reloads_total", result=result)

    def test_by_the_files_change(self):
        host = self.host()
        host.drop(BUILD / "test_plugins/builds_first.so")
        host.start()
        self.assertEqual((self.reloads(host, "ok"), self.reloads(host, "failed")), (0, 0))
        self.assertEqual(host.metric("eddy_plugin_images"), 1)
        host.configure("dead_letter_queues: { BuildsDLQ: { format: raw } }\n")
        wait_for("a reload", lambda: self.reloads(host, "ok") == 1)
        # A worker may have begun to look for records before it was told: its next unit is as the new settings say.
        for _ in range(2):
            host.put("builds_in", [b"7"])
            host.wait_idle()
        letters = [letter["value"] for letter in host.peek("BuildsDLQ")]
        self.assertEqual(len(letters), 2)
        self.assertIn("7", letters, "as the new settings say")
        host.configure("functions: { mark: { timeout: 5 } }\n")
        wait_for("a reload that fails", lambda: self.reloads(host, "failed") == 1)
        self.assertEqual(host.get("/readyz")[0], 200)
        host.configure("# good again\n")
        wait_for("another reload", lambda: self.reloads(host, "ok") == 2)
        self.assertEqual(self.reloads(host, "failed"), 1)
        self.assertEqual(host.log_text().count("not reloaded, the running configuration goes on"), 1)
        host.stop()

    def test_an_empty_file_is_not_taken(self):
        host = self.host()
        host.start()
        host.config.write_text("")
        wait_for("it is refused", lambda: self.reloads(host, "failed") == 1)
        wait_for("that is said", lambda: f"{host.config}: expected a configuration, found an empty file" in host.log_text())
        self.assertEqual(self.reloads(host, "ok"), 0)
        host.configure()
        wait_for("one that is whole", lambda: self.reloads(host, "ok") == 1)
        host.stop()

    def test_by_a_signal_alone_when_it_is_not_watched(self):
        host = self.host("watch_config: false\n")
        host.start()
        host.configure("watch_config: false\nlog: { level: debug }\n")
        host.process.send_signal(signal.SIGHUP)
        wait_for("a reload", lambda: self.reloads(host, "ok") == 1)
        host.configure()
        host.process.send_signal(signal.SIGHUP)
        wait_for("the next", lambda: self.reloads(host, "ok") == 2)
        host.configure("# watched from now on\n")
        wait_for("one by the file's change", lambda: self.reloads(host, "ok") == 3)
        host.stop()
