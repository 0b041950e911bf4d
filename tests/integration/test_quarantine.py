# SPDX-License-Identifier: Apache-2.0
"""Plugins that fault too often are taken out, and come back: by time, by hand, by a new file."""

import json
import re
import urllib.error
import urllib.request

from eddy import BUILD, HostTest, wait_for

ZOO = BUILD / "bad_plugins"


def settings(**keys):
    return f"quarantine: {{ {', '.join(f'{key}: {value}' for key, value in keys.items())} }}"


class Quarantine(HostTest):
    def start(self, quarantine, functions="functions: { bad_segv: { on_fault: continue } }\n"):
        host = self.host(functions)
        text = host.config.read_text()
        host.config.write_text(re.sub(r"plugins: \{ (dir: .*) \}", rf"plugins: {{ \1, {quarantine} }}", text))
        self.segv = host.drop(ZOO / "segv/segv.so")
        host.start()
        wait_for("it is loaded", lambda: host.metric("eddy_plugin_loads_total", plugin="bad_segv", result="loaded"))
        return host

    def plugin(self, host):
        plugin, = json.loads(host.get("/api/v1/plugins")[1])["plugins"]
        return plugin

    def address(self, host):
        return re.findall(r"on http://(\S+:\d+)", host.log_text())[-1]

    def test_too_many_faults_take_it_out_for_a_while_and_lose_nothing(self):
        # Counted and remembered for longer than a busy machine takes from one fault to the next.
        host = self.start(settings(max_faults=5, window_ms=3600000, initial_ms=100, max_ms=400, healthy_ms=3600000))
        host.put("bad_segv_in", [b"bad %d" % i if i % 2 else b"good %d" % i for i in range(20)])
        host.wait_idle()
        self.assertEqual([r["value"] for r in host.peek("bad_segv_out")], [f"good {i}" for i in range(0, 20, 2)])
        letters = self.letters(host, "eddy_dead_letters")
        self.assertEqual([x["original_record"] for x in letters], [f"bad {i}" for i in range(1, 20, 2)])
        # Ten faults: five are gone on after, the sixth and each one after a release take it out. The last record is one
        # of them, and the host hears of it when it has ended.
        self.assert_becomes(lambda: [event["event"] for event in self.plugin(host)["history"]],
                            ["loaded"] + ["fault_copy"] * 5 + ["quarantined", "released"] * 5)
        self.assertEqual(self.plugin(host)["state"], "running")
        for result in ("quarantined", "released"):
            self.assertEqual(host.metric("eddy_plugin_loads_total", plugin="bad_segv", result=result), 5)
        self.assertRegex(host.log_text(), r"fault number 6 within 3600000 ms; it comes back at \d{4}-")
        self.assertRegex(host.log_text(), r"faulted again, \d+ ms after its release")
        host.stop()

    def test_what_readyz_and_the_api_say_and_a_release_by_hand(self):
        host = self.start(settings(max_faults=1, initial_ms=3600000, max_ms=3600000))
        host.put("bad_segv_in", [b"a", b"bad", b"b", b"bad", b"c"])
        wait_for("not ready", lambda: "bad_segv: quarantined" in host.get("/readyz")[1])
        self.assertRegex(host.get("/readyz")[1],
                         r"^plugin bad_segv: quarantined since \S+Z until \S+Z: function bad_segv faulted, "
                         r"the plugin's fault number 2 within 60000 ms\n$")
        plugin = self.plugin(host)
        self.assertEqual((plugin["state"], plugin["quarantine"]["faults"]), ("quarantined", 2))
        self.assertIn("fault number 2", plugin["reason"])
        self.assertEqual(host.metric("eddy_plugin_state", plugin="bad_segv", state="quarantined"), 1)
        self.assertEqual(len(host.peek("bad_segv_out")), 2)
        admin = self.address(host)
        table = host.run("plugin", "ls", "--admin", admin)
        self.assertRegex(table, r"bad_segv +\S+ +[0-9a-f]{12} +quarantined +\d{4}-\S+Z +function bad_segv faulted")
        host.order("release", "bad_segv", "--admin", admin)
        host.wait_idle()
        self.assertEqual([r["value"] for r in host.peek("bad_segv_out")], ["a", "b", "c"])
        self.assert_becomes(lambda: host.get("/readyz"), (200, "ready\n"), "ready")
        host.order("release", "bad_segv", "--admin", admin, code=1)
        self.assertIn("plugin bad_segv is not in quarantine", host.stderr)
        host.order("release", "nobody", "--admin", admin, code=65)
        host.stop()
        host.run("plugin", "release", "bad_segv", "--admin", admin, code=69)
        self.assertIn("no host answers at http://" + admin, host.stderr)

    def test_a_page_in_a_browser_cannot_release(self):
        host = self.start(settings(max_faults=1))
        url = f"http://{self.address(host)}/api/v1/plugins/bad_segv/release"
        for headers in ({}, {"X-Eddy-Request": "1", "Origin": "http://evil.example"}):
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(urllib.request.Request(url, method="POST", headers=headers), timeout=120)
            self.assertEqual(refused.exception.code, 403, headers)
        host.stop()

    def test_on_fault_quarantine_stays_until_it_is_released(self):
        host = self.start(settings(initial_ms=1, max_ms=1), "functions: { bad_segv: { on_fault: quarantine } }\n")
        host.put("bad_segv_in", [b"a", b"bad", b"b"])
        wait_for("not ready", lambda: "until it is released or replaced" in host.get("/readyz")[1])
        self.assertIsNone(self.plugin(host)["quarantine"]["until"])
        host.order("release", "bad_segv", "--admin", self.address(host))
        host.wait_idle()
        self.assertEqual([r["value"] for r in host.peek("bad_segv_out")], ["a", "b"])
        host.stop()
