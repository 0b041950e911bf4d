# SPDX-License-Identifier: Apache-2.0
"""What `check` says of a cluster, each with its fix; and that it changes nothing there."""

from eddy import BUILD, HostTest, wait_for
from kafka import PATIENCE, Cluster, KafkaTest, settings, wire

PASSWORD = "a-password"
wire.OPERATIONS.setdefault("describe_configs", 10)


class Check:
    def checked(self, broker, rest="", **options):
        host = self.host(settings(broker, rest, **options))
        host.drop(BUILD / "test_plugins/copy.so")
        return host

    def findings(self, host, code):
        found = host.run_json("check", code=code)
        self.assertEqual(found["ok"], code == 0)
        return [(finding["severity"], finding["finding"], finding["fix"]) for finding in found["findings"]]

    def come_to_say(self, host, code, *texts):
        """Findings, once these are among them: a broker has taken rules before it goes by them, and who waits for its
        answer for seconds only may go without."""
        def look():
            try:
                found = self.findings(host, code)
            except AssertionError:  # another exit code, so far
                return None
            return found if all(any(text in what for _, what, _ in found) for text in texts) else None

        return wait_for(f"check says {', '.join(texts) or 'that all is well'}", look, PATIENCE)

    def one(self, findings, severity, text):
        """The fix of the one finding that says so."""
        fixes = [fix for level, what, fix in findings if level == severity and text in what]
        self.assertEqual(len(fixes), 1, f"{severity} '{text}' in {findings}")
        return fixes[0]


class Settings(Check, KafkaTest):
    @classmethod
    def setUpClass(cls):
        cls.broker = Cluster.create(config={"transactional.id.expiration.ms": 3_600_000, "transaction.max.timeout.ms": 30_000,
                                            "offsets.retention.minutes": 60, "offset.metadata.max.bytes": 1024})
        cls.addClassCleanup(cls.broker.close)

    def test_makes_nothing(self):
        before = self.broker.topics()
        host = self.checked(self.broker, topic_prefix="new.")
        self.findings(host, 78)
        self.assertEqual(self.broker.topics(), before)
        self.assertFalse((host.folder / "data").exists())

    def test_brokers(self):
        host = self.checked(self.broker, topic_prefix="b.")
        found = self.come_to_say(host, 78, "transactional.id.expiration.ms", "transaction.max.timeout.ms",
                                 "loses its place", "offset.metadata.max.bytes")
        self.assertIn("transactional.id.expiration.ms=604800000", self.one(found, "warning", "transactional.id.expiration.ms"))
        self.assertIn("transaction_timeout_ms to 30000", self.one(found, "error", "transaction.max.timeout.ms"))
        self.assertIn("offsets.retention.minutes=10080", self.one(found, "warning", "loses its place"))
        self.assertIn("offset.metadata.max.bytes=4096", self.one(found, "error", "offset.metadata.max.bytes"))
        self.assertEqual(len(found), 4)
        self.assertIn("to do: set offset.metadata.max.bytes=4096", host.run("check", code=78) + host.stderr)

    def test_topics_that_nobody_made(self):
        host = self.checked(self.broker, topic_prefix="c.", create_topics=False, streams={"defaults": {"partitions": 3}})
        self.assertIn(f"kafka-topics --bootstrap-server {self.broker.bootstrap} --create --topic c.copy_in --partitions 3 ",
                      self.one(self.come_to_say(host, 78, "no topic 'c.copy_in'"), "error", "no topic 'c.copy_in'"))

    def test_topics_that_cannot_be_made(self):
        host = self.checked(self.broker, topic_prefix="r.", streams={"defaults": {"replication_factor": 2}})
        self.one(self.come_to_say(host, 78, "creating topic 'r.copy_in'"), "error", "creating topic 'r.copy_in'")
        self.assertNotIn("r.copy_in", self.broker.topics())

    def test_topics(self):
        self.broker.create_topic("d.copy_in", 1, max_message_bytes=2_000_000)
        self.broker.create_topic("d.copy_out", 1, min_insync_replicas=2, message_timestamp_type="LogAppendTime")
        self.broker.create_topic("d.eddy_dead_letters", 1, cleanup_policy="compact", retention_ms=1000)
        host = self.checked(self.broker, topic_prefix="d.", streams={"defaults": {"partitions": 2}})
        found = self.come_to_say(host, 78, "'d.copy_in' has 1 partitions", "cleanup.policy=compact", "base64")
        self.assertIn("--alter --topic d.copy_in --partitions 2", self.one(found, "warning", "'d.copy_in' has 1 partitions"))
        self.assertIn("min.insync.replicas=1", self.one(found, "error", "nothing can be written"))
        self.assertIn("message.timestamp.type=CreateTime", self.one(found, "warning", "LogAppendTime"))
        self.assertIn("cleanup.policy=delete", self.one(found, "error", "cleanup.policy=compact"))
        self.assertIn("retention.ms=2592000000", self.one(found, "warning", "retention.ms 1000"))
        self.assertIn("d.copy_out --add-config max.message.bytes=2000000", self.one(found, "warning", "RecordTooLarge"))
        self.assertIn("d.eddy_dead_letters --add-config max.message.bytes=2732203", self.one(found, "warning", "base64"))

    def test_nothing_is_wrong_with_what_the_host_has_made(self):
        """Its queues have room for letters of the largest originals, binary ones too."""
        broker = self.cluster()
        host = self.checked(broker)
        self.assert_becomes(lambda: host.run("check", code=None), "ok: 1 plugin, no findings\n", seconds=PATIENCE)
        host.start()
        host.put("copy_in", [b"1"])
        wait_for("it is in its group", lambda: host.metric("eddy_records_total", function="copy"), PATIENCE)
        host.stop()
        self.assert_becomes(lambda: host.run("check", code=None), "ok: 1 plugin, no findings\n", seconds=PATIENCE)

    def test_nothing_answers(self):
        broker = self.cluster()
        host = self.checked(broker)
        broker.kill()
        found = self.findings(host, 69)
        self.assertIn("check that the brokers run", self.one(found, "error", broker.bootstrap))
        self.assertEqual(len(found), 1)


class Permissions(Check, KafkaTest):
    def setUp(self):
        self.broker = self.cluster(protocol="SASL_PLAINTEXT", config={
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",  # on the listener without authentication
            "listener.name.client.sasl.enabled.mechanisms": "PLAIN",
            "listener.name.client.plain.sasl.jaas.config":
                f'org.apache.kafka.common.security.plain.PlainLoginModule required user_eddy="{PASSWORD}";'})
        self.broker.client = {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN", "sasl.username": "eddy",
                              "sasl.password": PASSWORD}

    def allow(self, operation, resource, name, pattern=wire.LITERAL):
        with self.broker.admin() as admin:
            admin.allow("eddy", operation, resource, name, pattern)

    def test_says_what_to_allow(self):
        """Every fix is followed, one after the other, until nothing is left."""
        host = self.checked(self.broker)
        found = self.come_to_say(host, 78, "'copy_in' may not be seen", "'copy_out' may not be seen",
                                 "GROUP_AUTHORIZATION_FAILED", "transactional ids", "may not be read")
        self.assertIn("--operation Read --operation Create --operation DescribeConfigs --topic copy_in",
                      self.one(found, "error", "'copy_in' may not be seen"))
        self.assertIn("--operation Write", self.one(found, "error", "'copy_out' may not be seen"))
        self.assertIn("--operation Read --group eddy-copy", self.one(found, "error", "GROUP_AUTHORIZATION_FAILED"))
        self.assertIn("--operation Write --resource-pattern-type prefixed --transactional-id eddy-",
                      self.one(found, "error", "transactional ids"))
        self.assertIn("--operation DescribeConfigs --cluster", self.one(found, "warning", "may not be read"))

        self.allow("describe_configs", wire.CLUSTER, "kafka-cluster")
        self.allow("read", wire.GROUP, "eddy-copy")
        self.allow("write", wire.TRANSACTIONAL_ID, "eddy-", wire.PREFIXED)
        self.allow("describe", wire.TOPIC, "*")
        self.allow("describe_configs", wire.TOPIC, "*")
        found = self.come_to_say(host, 78, "'copy_in' is not there, and may not be created")
        self.assertIn("--operation Create --topic copy_in", self.one(found, "error", "'copy_in' is not there, and may not be created"))
        self.assertEqual({severity for severity, _, _ in found}, {"error"})

        for topic in ("copy_in", "copy_out", "eddy_dead_letters", "eddy_dead_letters.parked",
                      "eddy_dead_letter_states"):
            self.broker.create_topic(topic, 1)
        found = self.come_to_say(host, 78, "'copy_in' may not be read", "'copy_out' may not be written",
                                 "'eddy_dead_letters' may not be written")
        self.assertIn("--operation Read --topic copy_in", self.one(found, "error", "'copy_in' may not be read"))
        for topic in ("copy_out", "eddy_dead_letters"):
            self.assertIn(f"--operation Write --topic {topic}", self.one(found, "error", f"'{topic}' may not be written"))

        for operation, topic in (("read", "copy_in"), ("write", "copy_out"), ("write", "eddy_dead_letters")):
            self.allow(operation, wire.TOPIC, topic)
        self.assertEqual({severity for severity, _, _ in self.come_to_say(host, 0)}, {"warning"})
        self.allow("read", wire.TOPIC, "*")
        for topic in ("copy_in", "copy_out", "eddy_dead_letters"):
            wait_for(f"{topic} may be read",
                     lambda: self.broker.kcat("-C", "-t", topic, "-e").returncode == 0, PATIENCE)
            self.assertEqual(self.broker.values(topic, committed=False), [])


class Embedded(Check, HostTest):
    def test_makes_nothing(self):
        host = self.host()
        host.drop(BUILD / "test_plugins/copy.so")
        self.assertEqual(host.run("check"), "ok: 1 plugin, no findings\n")
        self.assertFalse((host.folder / "data").exists())
