# SPDX-License-Identifier: Apache-2.0
"""Exactly once over Kafka, while the host is killed and the broker is restarted under it, and a record in a hundred fails."""

import random
import time

from eddy import BUILD, LONG, wait_for
from kafka import PATIENCE, KafkaTest, settings

RECORDS, KILLS, RESTARTS = (1_000_000, 100, 12) if LONG else (100_000, 21, 3)
# Small units: a kill falls into the middle of many. A record that two kills hit by chance is not to be blamed for them.
FUNCTIONS = "functions: { '*': { unit_records: 200, on_fault: continue, max_deaths: 100 } }\n"


class Chaos(KafkaTest):
    def ended(self, host):
        """Records that this process of the host has ended."""
        return host.metric("eddy_records_total", function="survive")

    def chaos(self, broker, host):
        rng = random.Random(20261123)
        host.drop(BUILD / "test_plugins/chaos.so")
        broker.create_topic("chaos_in", 4)
        feeder = self.feeder(broker, "chaos_in")
        for kill in range(KILLS):
            feeder.feed(RECORDS // KILLS if kill else RECORDS - RECORDS // KILLS * (KILLS - 1))
            host.start()
            wait_for("it works", lambda: self.ended(host) > RECORDS // KILLS // 2, PATIENCE)
            time.sleep(rng.uniform(0, 0.2))  # the moment is the random input of this test, not something waited for
            if kill % (KILLS // RESTARTS) == 1:
                rng.choice((broker.stop, broker.kill))()
                broker.revive()
            host.kill()
        feeder.end()
        host.start()
        self.check_chaos(broker, RECORDS)
        host.stop()
        self.assertEqual(broker.console_count("chaos_out") + broker.console_count("ChaosDLQ"), RECORDS)
        taken_back = broker.count("chaos_out", committed=False) - broker.count("chaos_out")
        print(f"{KILLS} kills, {RESTARTS} restarts of the broker: {taken_back} outputs were written and taken back")
        self.assertGreater(taken_back, 0)  # else no kill has hit anything

    def test_every_record_ends_once(self):
        broker = self.cluster()
        self.chaos(broker, self.host(settings(broker, FUNCTIONS, static_membership=True)))
