# SPDX-License-Identifier: Apache-2.0
"""Back to the version before, by hand."""

import json
import re

from eddy import BUILD, HostTest, wait_for

BUILDS = BUILD / "test_plugins"


class Rollback(HostTest):
    def version(self, host):
        plugin, = json.loads(host.get("/api/v1/plugins")[1])["plugins"]
        return plugin["version"]

    def wait_result(self, host, result, count=1):
        wait_for(f"{count} × {result}", lambda: host.metric("eddy_plugin_loads_total", plugin="builds",
                                                            result=result) >= count)

    def test_by_hand_and_on_again(self):
        host = self.host()
        host.drop(BUILDS / "builds_first.so", "builds.so")
        host.start()
        self.wait_result(host, "loaded")
        admin = re.findall(r"on http://(\S+:\d+)", host.log_text())[-1]
        host.order("rollback", "builds", "--admin", admin, code=1)
        self.assertIn("plugin builds has no earlier version to go back to", host.stderr)
        host.drop(BUILDS / "builds_good.so", "builds.so")
        self.wait_result(host, "loaded", 2)
        # The metric is told first, the view when what it says is what runs.
        wait_for("it is shown", lambda: self.version(host) == "5.0.0")
        host.order("rollback", "builds", "--admin", admin)
        self.assert_becomes(lambda: self.version(host), "1.0.0")
        host.put("builds_in", [b"1", b"2"])
        host.wait_idle()
        self.assertEqual(sorted(r["value"] for r in host.peek("builds_out")), ["1 v1", "2 v1"])
        self.assertIn("rolled back: by hand", host.run("plugin", "ls", "--admin", admin))
        host.drop(BUILDS / "builds_good.so", "builds.so")
        self.wait_result(host, "refused")
        host.order("release", "builds", "--admin", admin)
        wait_for("it is back", lambda: self.version(host) == "5.0.0")
        host.stop()
