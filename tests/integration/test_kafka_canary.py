# SPDX-License-Identifier: Apache-2.0
"""New builds on Kafka: tried over what its topics hold, then beside their predecessor."""

import json
import re

from eddy import BUILD, wait_for
from kafka import PATIENCE, KafkaTest, settings

BUDGET = 600_000  # ms, the most: what is not tried in time is judged by what was


class Canary(KafkaTest):
    def start(self, broker, **canary):
        keys = ", ".join(f"{key}: {value}" for key, value in {"budget_ms": BUDGET, **canary}.items())
        host = self.host(settings(broker))
        text = host.config.read_text()
        host.config.write_text(re.sub(r"plugins: \{ (dir: .*) \}",
                                      rf"plugins: {{ \1, reload: canary, canary: {{ {keys} }} }}", text))
        host.drop(BUILD / "test_plugins/builds_first.so", "builds.so")
        return host.start()

    def drop(self, host, build, result):
        host.drop(BUILD / f"test_plugins/builds_{build}.so", "builds.so")
        wait_for(result, lambda: host.metric("eddy_plugin_loads_total", plugin="builds", result=result), PATIENCE)

    def plugin(self, host):
        """As the view tells it; nothing while nobody answers."""
        status, text = host.get("/api/v1/plugins")
        return json.loads(text)["plugins"][0] if status == 200 else {}

    def reason(self, host):
        """Of the view, which is told after the metrics."""
        return wait_for("the reason", lambda: self.plugin(host).get("reason"))

    def check(self, broker, fed):
        """Every record is delivered once, or a dead letter as version 1 has them."""
        bad = [n for n in range(fed) if n % 100 == 7]
        wait_for("all have ended", lambda: broker.count("builds_out") + broker.count("BuildsDLQ") >= fed, PATIENCE)
        self.assertEqual(sorted(int(json.loads(value)["original_record"]) for value in broker.values("BuildsDLQ")), bad)
        delivered = [value.split() for value in broker.values("builds_out")]
        self.assertEqual(sorted(int(number) for number, _ in delivered), sorted(set(range(fed)) - set(bad)))
        return delivered

    def test_tried_then_beside_its_predecessor(self):
        broker = self.cluster()
        for topic in ("builds_in", "builds_out", "BuildsDLQ"):
            broker.create_topic(topic, 4)
        broker.produce("builds_in", [b"%d" % n for n in range(3000)])
        host = self.start(broker, records=1000, share=1, window_ms=600000)
        self.check(broker, 3000)
        host.wait_idle(PATIENCE)  # what is not committed is not tried
        self.drop(host, "worse", "refused")
        self.assertRegex(self.reason(host), r"it fails on \d+ of (9\d\d|1000) records that its predecessor does not fail on")
        host.stop()

    def test_what_it_breaks_is_delivered(self):
        broker = self.cluster()
        for topic in ("builds_in", "builds_out", "BuildsDLQ"):
            broker.create_topic(topic, 4)
        host = self.start(broker, records=0, letters=0, share=1, window_ms=600000)
        self.drop(host, "worse", "canary")
        wait_for("workers are given it", lambda: (self.plugin(host).get("canary") or {}).get("stage") == "live",
                 PATIENCE)
        fed = 0

        def rolled_back():
            nonlocal fed
            if host.metric("eddy_plugin_loads_total", result="rolled_back"):
                return True
            if broker.count("builds_out") + broker.count("BuildsDLQ") >= fed:  # a worker ends its unit with what it had
                broker.produce("builds_in", [b"%d" % n for n in range(fed, fed + 3000)])
                fed += 3000
            return False

        wait_for("it is rolled back", rolled_back, PATIENCE)
        delivered = self.check(broker, fed)
        self.assertTrue(all(int(number) % 20 != 3 for number, version in delivered if version == "v2"))
        self.assertIn("was rolled back: it fails on", self.reason(host))
        host.stop()
