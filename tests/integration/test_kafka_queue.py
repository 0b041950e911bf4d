# SPDX-License-Identifier: Apache-2.0
"""A dead letter queue that cannot be written: the function waits and says why, nothing is lost, and it goes on by itself."""

from eddy import BUILD, wait_for
from kafka import PATIENCE, KafkaTest, settings, wire

RECORDS = 2_000
FUNCTIONS = "functions: { '*': { unit_records: 100, on_fault: continue } }\n"


class Queue(KafkaTest):
    def chaos(self, broker, **options):
        host = self.host(settings(broker, FUNCTIONS, **options))
        host.drop(BUILD / "test_plugins/chaos.so")
        return host

    def check_waits(self, broker, host, *words):
        """Not ready, with a reason; alive; and nothing behind the first failed record was passed over."""
        reason = wait_for("/readyz says why", lambda: self.reason(host, words), PATIENCE)
        self.assertIsNone(host.process.poll(), reason)
        self.assertEqual(broker.count("ChaosDLQ"), 0)
        self.assertLess(broker.count("chaos_out"), RECORDS)

    def reason(self, host, words):
        status, text = host.get("/readyz")
        return text if status == 503 and all(word in text for word in words) else None

    def check_goes_on(self, broker, host):
        wait_for("the host is ready again", host.ready, PATIENCE)
        self.check_chaos(broker, RECORDS)
        host.stop()

    def create_all_but_the_queue(self, broker):
        for name in ("chaos_in", "chaos_out"):
            broker.create_topic(name, 4)
        for name in ("ChaosDLQ.parked", "eddy_dead_letters", "eddy_dead_letters.parked"):
            broker.create_topic(name)

    def feed(self, broker):
        feeder = self.feeder(broker, "chaos_in")
        feeder.feed(RECORDS)
        feeder.end()

    def test_missing_and_may_not_be_created(self):
        broker = self.cluster()
        self.create_all_but_the_queue(broker)
        self.feed(broker)
        host = self.chaos(broker, create_topics=False).launch()
        self.check_waits(broker, host, "ChaosDLQ")
        broker.create_topic("ChaosDLQ")
        self.check_goes_on(broker, host)

    def test_deleted_under_a_running_host(self):
        broker = self.cluster()
        self.create_all_but_the_queue(broker)
        broker.create_topic("ChaosDLQ")
        host = self.chaos(broker, create_topics=False).start()
        with broker.admin() as admin:
            admin.delete_topic("ChaosDLQ")
        wait_for("the topic is gone", lambda: "ChaosDLQ" not in broker.topics(), PATIENCE)
        self.feed(broker)
        self.check_waits(broker, host, "ChaosDLQ")
        broker.create_topic("ChaosDLQ")
        self.check_goes_on(broker, host)

    def test_not_authorised(self):
        broker = self.cluster(protocol="SASL_PLAINTEXT", config={
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS;User:root",  # the brokers themselves, and the test
            "listener.name.client.sasl.enabled.mechanisms": "PLAIN",
            "listener.name.client.plain.sasl.jaas.config":
                'org.apache.kafka.common.security.plain.PlainLoginModule required user_root="root-password" user_eddy="eddy-password";'})
        user = {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN"}
        broker.client = {**user, "sasl.username": "root", "sasl.password": "root-password"}
        with broker.admin() as admin:
            for kind in (wire.GROUP, wire.TRANSACTIONAL_ID):
                admin.allow("eddy", "all", kind, "*")
            admin.allow("eddy", "all", wire.TOPIC, "chaos_", wire.PREFIXED)
            admin.allow("eddy", "all", wire.TOPIC, "eddy_dead_letters", wire.PREFIXED)
            admin.allow("eddy", "all", wire.TOPIC, "ChaosDLQ.parked")
            admin.allow("eddy", "describe", wire.TOPIC, "ChaosDLQ")
            admin.allow("eddy", "describe", wire.CLUSTER, "kafka-cluster")
        self.create_all_but_the_queue(broker)
        self.feed(broker)
        broker.create_topic("ChaosDLQ")
        host = self.chaos(broker, create_topics=False,
                          properties={**user, "sasl.username": "eddy", "sasl.password": "eddy-password"}).launch()
        self.check_waits(broker, host, "ChaosDLQ")
        with broker.admin() as admin:
            admin.allow("eddy", "all", wire.TOPIC, "ChaosDLQ")
        self.check_goes_on(broker, host)

    def test_too_small_for_the_letter(self):
        """The letter shrinks to a pointer to its origin rather than being lost."""
        broker = self.cluster()
        broker.create_topic("chaos_in")
        broker.create_topic("ChaosDLQ", max_message_bytes=2000)
        host = self.chaos(broker).start()
        broker.produce("chaos_in", [b'{"id":%d,"pad":"%s"}' % (n, b"x" * 5000) for n in (7, 8, 107)])
        wait_for("both letters", lambda: broker.count("ChaosDLQ") == 2, PATIENCE)
        letters = broker.letters("ChaosDLQ")
        places = {(r["partition"], r["offset"]) for r in broker.records("chaos_in") if not r["payload"].startswith('{"id":8,')}
        self.assertEqual({(r["origin"]["partition"], r["origin"]["offset"]) for r in letters}, places)
        wait_for("the record between them", lambda: broker.count("chaos_out") == 1, PATIENCE)
        host.stop()

    def test_broker_down(self):
        """It dies while the host works: /readyz says so, nothing is lost, and nothing is there twice."""
        broker = self.cluster()
        broker.create_topic("chaos_in", 4)
        host = self.chaos(broker)
        host.configure(settings(broker, "functions: { '*': { unit_ms: 3000, on_fault: continue } }\n"))
        host.start()
        feeder = self.feeder(broker, "chaos_in")
        feeder.feed(RECORDS // 2)
        wait_for("an open unit", lambda: broker.count("chaos_out", committed=False) > 0, PATIENCE)
        broker.kill()
        feeder.feed(RECORDS - RECORDS // 2)
        wait_for("/readyz says so", lambda: self.reason(host, [broker.bootstrap]), PATIENCE)
        self.assertIsNone(host.process.poll())
        broker.revive()
        feeder.end()
        self.check_goes_on(broker, host)
