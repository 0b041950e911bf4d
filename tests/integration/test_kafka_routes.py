# SPDX-License-Identifier: Apache-2.0
"""Routing over topics, consumers of a queue and recovery, with a prefix before every name."""

import re
import subprocess

from eddy import BUILD, wait_for
from kafka import PATIENCE, KafkaTest, cluster, settings


class Routes(KafkaTest):
    def routes(self, broker, rest="", **options):
        host = self.host(settings(broker, rest, topic_prefix="team.", **options))
        host.drop(BUILD / "test_plugins/routes.so")
        return host

    def groups(self, broker):
        listed = subprocess.run(
            cluster.java("3.9") + ["org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", "--bootstrap-server",
                                   broker.bootstrap, "--list", "--timeout", "300000"],
            capture_output=True, check=True, timeout=600)
        return listed.stdout.decode().split()

    def test_routes_watches_and_recovers(self):
        broker = self.cluster()
        host = self.routes(broker).start()
        wait_for("the topics", lambda: "team.routes_in" in broker.topics(), PATIENCE)
        broker.produce("team.routes_in", [b"k1\tgood-1", b"k2\tgood-2", b"k3\tskip-3", b"k4\tbad-4", b"k5\tbad-5-lost"],
                       "-K", "\\t", "-H", "trace=abc")
        wait_for("the recovery", lambda: broker.values("team.routes_recovered"), PATIENCE)
        # Once more, when its unit is run again.
        wait_for("the consumer", lambda: len(set(re.findall(r"seen (\S+)\n", host.log_text()))) == 2, PATIENCE)
        self.assert_becomes(lambda: broker.values("team.routes_all"), [b"good-1", b"good-2"])
        self.assert_becomes(lambda: broker.values("team.routes_odd"), [b"good-1"])
        self.assert_becomes(lambda: broker.values("team.routes_even"), [b"good-2"])
        host.wait_idle(PATIENCE)  # what else could be recovered would be by now
        self.assertEqual(broker.values("team.routes_recovered"), [b"recovered bad-4"])
        letters = broker.records("team.RoutesDLQ")
        self.assertEqual([(r["key"], r["headers"][:2]) for r in letters], [("k4", ["trace", "abc"]), ("k5", ["trace", "abc"])])
        self.assertEqual([letter["origin"]["stream"] for letter in broker.letters("team.RoutesDLQ")], ["routes_in"] * 2)
        self.assertEqual([record["value"] for record in host.peek("routes_recovered")], ["recovered bad-4"])
        host.stop()
        for name in [*broker.topics(), *self.groups(broker)]:
            self.assertTrue(name.startswith(("team.", "__")), name)

    def test_all_topics_or_none(self):
        """Kills fall between the streams of a unit: what one topic has, the others have."""
        broker = self.cluster()
        host = self.routes(broker, "functions: { '*': { unit_records: 10, max_deaths: 100 } }\n", static_membership=True)
        broker.create_topic("team.routes_in", 1)
        records = [b"good-%d" % n for n in range(5000)]
        for kill in range(5):
            broker.produce("team.routes_in", records[kill * 1000:(kill + 1) * 1000])
            before = broker.count("team.routes_all", committed=False)
            host.start()
            wait_for("work", lambda: broker.count("team.routes_all", committed=False) > before, PATIENCE)
            host.kill()
        host.start()
        # Of units of ten records: it is a transaction for each.
        wait_for("the rest", lambda: broker.count("team.routes_all") >= len(records), 2 * PATIENCE)
        host.stop()
        self.assertEqual(sorted(broker.values("team.routes_all")), sorted(records))
        halves = broker.values("team.routes_even") + broker.values("team.routes_odd")
        self.assertEqual(sorted(halves), sorted(records))
