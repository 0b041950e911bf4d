# SPDX-License-Identifier: Apache-2.0
"""Dead letters sent back on Kafka: in transactions of the redrive's own, also when the host dies in the middle."""

import collections
import json
import signal

from eddy import BUILD, wait_for
from kafka import PATIENCE, KafkaTest, settings

PLUGINS = BUILD / "test_plugins"
COUNT = 3000
# A record that two kills hit by chance is not to be blamed for them.
FUNCTIONS = "functions: { '*': { max_deaths: 100 } }\n"


class Redrive(KafkaTest):
    def orders(self, broker, count):
        for topic in ("orders", "orders_priced", "orders_seen", "OrdersDLQ"):
            broker.create_topic(topic, 2)
        broker.produce("orders", [b"%d" % n for n in range(count)])
        host = self.host(settings(broker, FUNCTIONS))
        host.drop(PLUGINS / "orders_v1.so", "orders.so")
        host.start()
        # Not as the host counts them: a unit is decided before readers see it.
        wait_for("all have failed", lambda: broker.count("OrdersDLQ") == count, PATIENCE)
        host.drop(PLUGINS / "orders_v3.so", "orders.so")
        wait_for("the fixed build runs", lambda: host.metric("eddy_plugin_info", version="3.0.0"), PATIENCE)
        return host

    def priced(self, broker):
        return collections.Counter(value.split()[0] for value in broker.values("orders_priced"))

    def test_each_once_over_kill_9(self):
        broker = self.cluster()
        host = self.orders(broker, COUNT)
        redrive = host.run_there("dlq", "redrive", "OrdersDLQ", "--rate", 500, "--detach")
        for part in (COUNT // 4, COUNT // 2):
            wait_for("a part is sent", lambda: self.sent(host, redrive["id"]) >= part, PATIENCE)
            host.process.send_signal(signal.SIGKILL)
            host.process.wait()
            host.start()
        done = host.run_there("dlq", "redrives", "watch", redrive["id"])
        self.assertEqual((done["state"], done["sent"], done["recovered"]), ("done", COUNT, COUNT))

        def priced():
            found = self.priced(broker)
            return len(found), set(found.values())

        self.assert_becomes(priced, (COUNT, {1}), "each is priced once")
        host.wait_idle(PATIENCE)  # the other function too has ended all that it is given
        self.assert_becomes(lambda: broker.count("orders_seen"), COUNT, "what was sent back is not for others")
        host.stop()

    def test_states_survive_the_loss_of_the_disk(self):
        broker = self.cluster()
        host = self.orders(broker, 200)
        host.run_there("dlq", "redrive", "OrdersDLQ", "--type", "Currency*")
        before = {"open": 140, "recovered": 60}
        self.assert_becomes(lambda: self.states(host), before)
        host.stop()
        (host.folder / "data/triage.db").unlink()
        self.assertEqual(self.states(host), before)

    def states(self, host):
        counts = collections.Counter()
        for group in host.run_json("dlq", "groups", "OrdersDLQ", "--state", "all")["groups"]:
            counts.update(group["letters"])
        return {state: count for state, count in counts.items() if count}

    def sent(self, host, redrive):
        """So far; 0 too while nobody answers."""
        status, text = host.get(f"/api/v1/redrives/{redrive}")
        return json.loads(text)["sent"] if status == 200 else 0
