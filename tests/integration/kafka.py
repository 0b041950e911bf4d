# SPDX-License-Identifier: Apache-2.0
"""A Kafka of its own for a test, and what is in it as kcat and Kafka's own consumer see it."""

import json
import os
import subprocess
import sys
import tempfile

from eddy import LONG, ROOT, HostTest, wait_for

sys.path.insert(0, str(ROOT / "tests/kafka"))
import cluster  # noqa: E402
import wire  # noqa: E402

VERSION = os.environ.get("EDDY_KAFKA_VERSION", "3.9")
# A host that was killed holds its partitions until its session ends; librdkafka's 45 s would be all that a test waits for.
QUICK = {"session.timeout.ms": 6000, "heartbeat.interval.ms": 500}
PATIENCE = 300  # seconds: for what takes a moment where brokers and hosts have a processor each
METADATA = 3  # of Kafka's protocol; its version 4 is known to Kafka 3.9 and to Kafka 4


class Cluster(cluster.Cluster):
    """Ends with the process, whatever happens. Brokers are started by the main thread alone: their life hangs on it."""

    client = {}  # properties that clients of the CLIENT listener need

    @classmethod
    def create(cls, **options):
        folder = tempfile.mkdtemp(prefix="eddy-kafka-")
        return cls.start(folder, **{"version": VERSION, "tied": True, **options})

    def close(self):
        self.kill()
        cluster.shutil.rmtree(self.folder, ignore_errors=True)

    __enter__ = lambda self: self  # noqa: E731
    __exit__ = lambda self, *_: self.close()  # noqa: E731

    def admin(self):
        """A connection that may do anything, to a broker that runs."""
        node = next(node for node in self.nodes if self.running(node))
        return wire.Connection(self.control(node))

    def create_topic(self, name, partitions=1, **config):
        with self.admin() as admin:
            admin.create_topic(name, partitions, min(3, len(self.nodes)),
                               {key.replace("_", "."): value for key, value in config.items()})
        # It is made before the brokers know of it, and who asks one of them sooner is told that there is none.
        for node in filter(self.running, self.nodes):
            wait_for(f"broker {node} knows of {name}", lambda: self.knows(node, name), PATIENCE)

    def knows(self, node, topic):
        """Whether this broker says that there is such a topic, with a leader for each partition."""
        with wire.Connection(self.control(node)) as connection:
            answer = connection.ask(METADATA, 4, wire.array([wire.text(topic)]) + b"\0")  # do not make it
        answer.number("i")  # throttle time
        for _ in range(answer.number("i")):
            answer.number("i"), answer.text(), answer.number("i"), answer.text()  # a broker
        answer.text(), answer.number("i"), answer.number("i")  # cluster, controller, one topic
        errors = [answer.number("h")]
        answer.text(), answer.number("b")
        for _ in range(answer.number("i")):
            errors.append(answer.number("h"))
            answer.number("i"), answer.number("i")  # partition, leader
            for _ in range(2):  # copies, and those in sync
                for _ in range(answer.number("i")):
                    answer.number("i")
        return not any(errors)

    def kcat(self, *arguments, properties=None, **options):
        settings = [word for key, value in {**self.client, **(properties or {})}.items() for word in ("-X", f"{key}={value}")]
        # -m: its first question to a broker may wait for longer than 5 seconds.
        return subprocess.run(["kcat", "-b", self.bootstrap, "-m", "120", *settings, *map(str, arguments)],
                              capture_output=True, timeout=600, **options)

    def partitions(self):
        """{topic: [{partition, leader, replicas: [{id}], isrs: [{id}]}]}"""
        found = self.kcat("-L", "-J", check=True)
        return {topic["topic"]: topic["partitions"] for topic in json.loads(found.stdout)["topics"]}

    def topics(self):
        """{topic: {partition: leader}}"""
        return {topic: {part["partition"]: part["leader"] for part in parts}
                for topic, parts in self.partitions().items()}

    def in_sync(self):
        """Whether every partition has all its copies: any broker may die."""
        return all(len(part["isrs"]) == len(part["replicas"]) for parts in self.partitions().values() for part in parts)

    def produce(self, topic, lines, *arguments):
        """One record a line; with "-K", "\\t" the key comes first."""
        done = self.kcat("-P", "-t", topic, *arguments, input=b"".join(line + b"\n" for line in lines),
                         properties={"enable.idempotence": "true"})
        if done.returncode:
            raise AssertionError(f"kcat could not produce to {topic}: {done.stderr.decode()}")

    def consume(self, topic, *arguments, committed=True):
        """What kcat prints of a topic up to its present end; nothing when there is no such topic."""
        level = "read_committed" if committed else "read_uncommitted"
        done = self.kcat("-C", "-t", topic, "-q", "-o", "beginning", "-e", *arguments, properties={"isolation.level": level})
        if done.returncode and b"Unknown topic" not in done.stderr:
            raise AssertionError(f"kcat could not consume {topic}: {done.stderr.decode()}")
        return done.stdout

    def values(self, topic, committed=True):
        return self.consume(topic, "-f", "%s\\n", committed=committed).splitlines()

    def records(self, topic):
        """[{partition, offset, key, headers: [name, value, …], payload}]"""
        return [json.loads(line) for line in self.consume(topic, "-J").splitlines()]

    def letters(self, topic):
        return [json.loads(value) for value in self.values(topic)]

    def count(self, topic, committed=True):
        return self.consume(topic, "-f", ".", committed=committed).count(b".")

    def console_count(self, topic):
        """The same count by Kafka's own console consumer."""
        done = subprocess.run(
            cluster.java("3.9", "-Xmx256m") +
            ["org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server", self.bootstrap, "--topic", topic,
             "--from-beginning", "--isolation-level", "read_committed", "--timeout-ms", "60000"],
            capture_output=True, timeout=1200)
        return len(done.stdout.splitlines())


def settings(broker, rest="", properties=None, streams=None, **kafka):
    """The part of a host's configuration that says where its streams are; `streams` and `kafka` are keys of these
    sections, `rest` is YAML."""
    keys = {"brokers": broker.bootstrap.split(","), "properties": {**QUICK, **broker.client, **(properties or {})}, **kafka}
    return f"streams: {json.dumps({'transport': 'kafka', 'kafka': keys, **(streams or {})})}\n{rest}"


class Feeder:
    """A producer that stays, fed in portions: records {"id":N} from 0 on. It outlives restarts of the broker without
    writing anything twice."""

    def __init__(self, broker, topic):
        # A broker that is down may take longer to come back than a record is kept by default.
        keys = {**broker.client, "enable.idempotence": "true", "linger.ms": 1, "message.timeout.ms": 1_800_000}
        settings = [word for key, value in keys.items() for word in ("-X", f"{key}={value}")]
        self.kcat = subprocess.Popen(["kcat", "-P", "-E", "-b", broker.bootstrap, "-t", topic, *settings],
                                     stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.fed = 0

    def feed(self, count):
        self.kcat.stdin.write(b"".join(b'{"id":%d}\n' % n for n in range(self.fed, self.fed + count)))
        self.kcat.stdin.flush()
        self.fed += count

    def end(self):
        self.kcat.stdin.close()
        if self.kcat.wait(600):
            raise AssertionError(f"the producer ended with {self.kcat.returncode}")

    def close(self):
        self.kcat.kill()
        self.kcat.wait()


class KafkaTest(HostTest):
    def cluster(self, **options):
        broker = Cluster.create(**options)
        self.addCleanup(broker.close)
        return broker

    def feeder(self, broker, topic):
        feeder = Feeder(broker, topic)
        self.addCleanup(feeder.close)
        return feeder

    def check_chaos(self, broker, fed, prefix=""):
        """Of the plugin `chaos`: outputs and dead letters together are the input, each record exactly once."""
        count = broker.count
        topics = [prefix + name for name in ("chaos_in", "chaos_out", "ChaosDLQ")]
        try:
            wait_for("everything has ended", lambda: count(topics[1]) + count(topics[2]) >= fed, 1800 if LONG else 600)
        except AssertionError as failure:
            raise AssertionError(f"{failure}; committed and all records: " + ", ".join(
                f"{topic} {count(topic)} {count(topic, committed=False)}" for topic in topics)) from None
        self.assertEqual(count(prefix + "chaos_in"), fed)
        passed = [json.loads(value)["id"] for value in broker.values(prefix + "chaos_out")]
        letters = broker.letters(prefix + "ChaosDLQ")
        failed = [letter["original_record"]["id"] for letter in letters]
        self.assertEqual(sorted(failed), list(range(7, fed, 100)))
        self.assertEqual(sorted(passed + failed), list(range(fed)))
        self.assertEqual({letter["error_type"] for letter in letters}, {"SIGFPE", "refused", "std::runtime_error"})
