# SPDX-License-Identifier: Apache-2.0
"""Several hosts share the partitions: they come, leave and die, and every record still ends exactly once."""

from eddy import BUILD, LONG, wait_for
from kafka import PATIENCE, KafkaTest, settings

RECORDS = 1_000_000 if LONG else 40_000
STREAMS = {"named": {"chaos_*": {"partitions": 8}}}
FUNCTIONS = "functions: { '*': { unit_records: 100, on_fault: continue, max_deaths: 100, concurrency: 2 } }\n"


class Hosts(KafkaTest):
    def hosts(self, broker, count, **streams):
        broker.create_topic("chaos_in", 8)
        hosts = [self.host(settings(broker, FUNCTIONS, streams={**STREAMS, **streams})) for _ in range(count)]
        for host in hosts:
            host.drop(BUILD / "test_plugins/chaos.so")
        return hosts

    def delivered(self, host):
        return host.metric("eddy_records_total", function="survive", outcome="delivered")

    def share(self, count):
        """So many hosts from the start: all of them work, and together they do everything once."""
        broker = self.cluster()
        hosts = self.hosts(broker, count)
        for host in hosts:
            host.start()
        feeder = self.feeder(broker, "chaos_in")
        portion, wanted = RECORDS // 10, min(count, 4)

        def working():
            return sum(self.delivered(host) > 0 for host in hosts)

        # Those that come late to their group get their share of what is fed later.
        while feeder.fed < RECORDS or (working() < wanted and feeder.fed < 4 * RECORDS):
            feeder.feed(portion)
            wait_for("the portion is through", lambda: broker.count("chaos_out") > feeder.fed * 0.9, PATIENCE)
        feeder.end()
        self.check_chaos(broker, feeder.fed)
        wait_for(f"{wanted} hosts have worked", lambda: working() >= wanted)
        for host in hosts:
            host.stop()

    def test_two_hosts(self):
        self.share(2)

    def test_eight_hosts(self):
        self.share(8)

    def test_hosts_come_leave_and_die(self):
        broker = self.cluster()
        hosts = self.hosts(broker, 4)
        feeder = self.feeder(broker, "chaos_in")
        steps = [hosts[0].start, hosts[1].start, hosts[2].start, hosts[0].stop, hosts[3].start, hosts[1].kill, hosts[0].start,
                 hosts[2].stop, hosts[1].start, hosts[3].kill]
        for step in steps:
            feeder.feed(RECORDS // len(steps))
            step()
        feeder.end()
        self.check_chaos(broker, RECORDS)

    def test_a_leader_dies(self):
        broker = self.cluster(nodes=3)
        hosts = self.hosts(broker, 2, defaults={"replication_factor": 3})
        for host in hosts:
            host.start()
        feeder = self.feeder(broker, "chaos_in")
        for topic in ("chaos_in", "chaos_out", "__transaction_state", "__consumer_offsets"):
            # Without a copy in sync nobody could lead in its place: those of a broker that is back have to catch up.
            wait_for("every copy is in sync", broker.in_sync, PATIENCE)
            feeder.feed(RECORDS // 8)
            leader = broker.topics()[topic][0]
            broker.kill(leader)
            feeder.feed(RECORDS // 8)
            wait_for("another broker leads", lambda: broker.topics()[topic][0] not in (leader, -1), PATIENCE)
            broker.revive(leader)
        feeder.end()
        self.check_chaos(broker, RECORDS)
        for host in hosts:
            host.stop()
