# SPDX-License-Identifier: Apache-2.0
"""What a function has in its memory goes on when its plugin is replaced: an exact count over every swap."""

import concurrent.futures
import signal
import unittest

from eddy import BUILD, SANITIZE, HostTest, wait_for

PORTION = 2_400 if SANITIZE else 9_000  # one before the first swap, one with each, one after the last
SWAPS = 21  # odd: the last one is to version 2


class State(HostTest):
    def start(self):
        host = self.host()
        host.drop(self.build(1), "count.so")
        return host.start()

    def build(self, version):
        return BUILD / f"test_plugins/count_v{version}.so"

    def loads(self, host):
        return host.metric("eddy_plugin_loads_total", plugin="count", result="loaded")

    def swap(self, host, version):
        wanted = self.loads(host) + 1
        host.drop(self.build(version), "count.so")
        wait_for(f"load {wanted}", lambda: self.loads(host) >= wanted)
        # The metric is told first, the view when what it says is what runs.
        wait_for("it is shown", lambda: host.metric("eddy_plugin_info", plugin="count", version=f"{version}.0.0"))

    def one_more(self, host):
        before = len(host.peek("count_out"))
        host.put("count_in", [b"x"])
        return wait_for("one more output", lambda: host.peek("count_out")[before:])[0]["value"]

    def test_a_count_is_exact_over_swaps_while_records_flow(self):
        host = self.start()

        def feed():
            for _ in range(3):
                host.put("count_in", [b"x"] * (PORTION // 3))

        feed()
        wait_for("version 1 counts", lambda: host.metric("eddy_records_total", function="count", outcome="delivered"))
        with concurrent.futures.ThreadPoolExecutor() as feeder:
            for i in range(SWAPS):
                feeding = feeder.submit(feed)
                self.swap(host, 2 - i % 2)
                feeding.result()
        feed()
        host.wait_idle()
        out = [record["value"].split() for record in host.peek("count_out")]
        self.assertEqual([int(count) for count, _ in out], list(range(1, PORTION * (SWAPS + 2) + 1)))
        self.assertEqual({version for _, version in out}, {"v1", "v2"})
        host.stop()

    def test_a_build_that_refuses_the_old_state_starts_afresh_and_says_so(self):
        host = self.start()
        self.assertEqual([self.one_more(host), self.one_more(host)], ["1 v1", "2 v1"])
        self.swap(host, 2)
        self.assertEqual(self.one_more(host), "3 v2")
        self.swap(host, 3)
        self.assertEqual(self.one_more(host), "1 v3")
        self.assertIn("starts afresh: it did not take over the state of version 2, 8 bytes: std::runtime_error: too old: "
                      "version 2", host.log_text())
        self.swap(host, 1)
        self.assertEqual(self.one_more(host), "2 v1")
        host.stop()

    def test_a_reload_of_the_configuration_keeps_it(self):
        host = self.start()
        self.assertEqual(self.one_more(host), "1 v1")
        host.configure("functions: { count: { timeout_ms: 5000, config: { any: 1 } } }\n")
        host.process.send_signal(signal.SIGHUP)
        # The log tells of it when it has been read, the metric when it holds.
        wait_for("it is reloaded", lambda: host.metric("eddy_config_reloads_total", result="ok"))
        self.assertEqual(self.one_more(host), "2 v1")
        host.stop()


if __name__ == "__main__":
    unittest.main()
