# SPDX-License-Identifier: Apache-2.0
"""New builds on Kafka: tried over what its topics hold, then beside their predecessor."""

import json
import re

from eddy import BUILD, wait_for
from kafka import KafkaTest, settings


class Canary(KafkaTest):
    def start(self, broker, **canary):
        keys = ", ".join(f"{key}: {value}" for key, value in canary.items())
        host = self.host(settings(broker))
        text = host.config.read_text()
        host.config.write_text(re.sub(r"plugins: \{ (dir: .*) \}",
                                      rf"plugins: {{ \1, reload: canary, canary: {{ {keys} }} }}", text))
        host.drop(BUILD / "test_plugins/builds_first.so", "builds.so")
        return host.start()

    def drop(self, host, build, result):
        host.drop(BUILD / f"test_plugins/builds_{build}.so", "builds.so")
        wait_for(result, lambda: host.metric("eddy_plugin_loads_total", plugin="builds", result=result), 120)

    def reason(self, host):
        """Of the view, which is told after the metrics."""
        def look():
            plugin, = json.loads(host.get("/api/v1/plugins")[1])["plugins"]
            return plugin["reason"]
        return wait_for("the reason", look)

    def check(self, broker, fed):
        """Every record is delivered once, or a dead letter as version 1 has them."""
        bad = [n for n in range(fed) if n % 100 == 7]
        wait_for("all have ended", lambda: broker.count("builds_out") + broker.count("BuildsDLQ") >= fed, 120)
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
        wait_for("it is all committed", lambda: host.metric("eddy_consumer_lag", function="mark") == 0, 60)
        self.drop(host, "worse", "refused")
        self.assertRegex(self.reason(host), r"it fails on \d+ of (9\d\d|1000) records that its predecessor does not fail on")
        host.stop()

    def test_what_it_breaks_is_delivered(self):
        broker = self.cluster()
        for topic in ("builds_in", "builds_out", "BuildsDLQ"):
            broker.create_topic(topic, 4)
        host = self.start(broker, records=0, letters=0, share=1, window_ms=600000)
        self.drop(host, "worse", "canary")
        broker.produce("builds_in", [b"%d" % n for n in range(3000)])
        wait_for("it is rolled back", lambda: host.metric("eddy_plugin_loads_total", result="rolled_back"), 120)
        delivered = self.check(broker, 3000)
        self.assertTrue(all(int(number) % 20 != 3 for number, version in delivered if version == "v2"))
        self.assertIn("was rolled back: it fails on", self.reason(host))
        host.stop()
