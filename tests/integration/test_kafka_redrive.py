# SPDX-License-Identifier: Apache-2.0
"""Dead letters sent back on Kafka: in transactions of the redrive's own, also when the host dies in the middle."""

import collections
import json
import signal

from eddy import BUILD, wait_for
from kafka import KafkaTest, settings

PLUGINS = BUILD / "test_plugins"
COUNT = 3000


class Redrive(KafkaTest):
    def orders(self, broker, count):
        for topic in ("orders", "orders_priced", "orders_seen", "OrdersDLQ"):
            broker.create_topic(topic, 2)
        broker.produce("orders", [b"%d" % n for n in range(count)])
        host = self.host(settings(broker))
        host.drop(PLUGINS / "orders_v1.so", "orders.so")
        host.start()
        wait_for("all have failed", lambda: host.metric("eddy_dead_letters_total", queue="OrdersDLQ") == count, 120)
        host.drop(PLUGINS / "orders_v3.so", "orders.so")
        wait_for("the fixed build runs", lambda: host.metric("eddy_plugin_info", version="3.0.0"), 120)
        return host

    def priced(self, broker):
        return collections.Counter(value.split()[0] for value in broker.values("orders_priced"))

    def test_each_once_over_kill_9(self):
        broker = self.cluster()
        host = self.orders(broker, COUNT)
        redrive = host.run_there("dlq", "redrive", "OrdersDLQ", "--rate", 500, "--detach")
        for part in (COUNT // 4, COUNT // 2):
            wait_for("a part is sent", lambda: self.redrive(host, redrive["id"])["sent"] >= part, 120)
            host.process.send_signal(signal.SIGKILL)
            host.process.wait()
            host.start()
        done = host.run_there("dlq", "redrives", "watch", redrive["id"])
        self.assertEqual((done["state"], done["sent"], done["recovered"]), ("done", COUNT, COUNT))
        priced = self.priced(broker)
        self.assertEqual((len(priced), set(priced.values())), (COUNT, {1}))
        self.assertEqual(broker.count("orders_seen"), COUNT, "what was sent back is not for others")
        host.stop()

    def test_states_survive_the_loss_of_the_disk(self):
        broker = self.cluster()
        host = self.orders(broker, 200)
        host.run_there("dlq", "redrive", "OrdersDLQ", "--type", "Currency*")
        before = self.states(host)
        self.assertEqual(before, {"open": 140, "recovered": 60})
        host.stop()
        (host.folder / "data/triage.db").unlink()
        self.assertEqual(self.states(host), before)

    def states(self, host):
        counts = collections.Counter()
        for group in host.run_json("dlq", "groups", "OrdersDLQ", "--state", "all")["groups"]:
            counts.update(group["letters"])
        return {state: count for state, count in counts.items() if count}

    def redrive(self, host, wanted):
        return json.loads(host.get(f"/api/v1/redrives/{wanted}")[1])
