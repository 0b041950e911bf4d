# SPDX-License-Identifier: Apache-2.0
"""A real Kafka in a folder: brokers in KRaft mode, each also a controller, on free ports of 127.0.0.1."""

import base64
import ctypes
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid

import wire

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
from ports import free_port  # noqa: E402

VERSIONS = ("3.9", "4")
READY_SECONDS = 480  # of one that lives: a broker that dies ends the wait
LOG4J = {
    "3.9": ("log4j.configuration", "log4j.rootLogger=WARN, out\nlog4j.logger.kafka.server=INFO\n"
            "log4j.appender.out=org.apache.log4j.ConsoleAppender\nlog4j.appender.out.layout=org.apache.log4j.PatternLayout\n"
            "log4j.appender.out.layout.ConversionPattern=%d %p %m (%c)%n\n"),
    "4": ("log4j2.configurationFile", "rootLogger.level=WARN\nrootLogger.appenderRef.out.ref=out\n"
          "logger.server.name=kafka.server\nlogger.server.level=INFO\n"
          "appender.out.type=Console\nappender.out.name=out\nappender.out.layout.type=PatternLayout\n"
          "appender.out.layout.pattern=%d %p %m (%c)%n\n"),
}


def new_id():
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Cluster:
    """What `start` left in a folder: cluster.json (ports, version), bootstrap, node-N/{pid,log,data,server.properties}."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()
        self.state = json.loads((self.folder / "cluster.json").read_text())
        self.version = self.state["version"]
        self.nodes = range(1, len(self.state["nodes"]) + 1)
        self.bootstrap = ",".join(f"127.0.0.1:{node['client']}" for node in self.state["nodes"])
        self.tied = False
        self.processes = {}  # of this object's own starting: {pid: Popen}

    @classmethod
    def start(cls, folder, version="3.9", nodes=1, protocol="PLAINTEXT", config=None, tied=False):
        """`tied`: the brokers end with this process, however it ends."""
        folder = pathlib.Path(folder).resolve()
        if (folder / "cluster.json").exists():
            cls(folder).kill()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        ports = [free_port() for _ in range(3 * nodes)]
        state = {"version": version, "nodes": [dict(zip(("client", "control", "controller"), ports[3 * i:3 * i + 3]))
                                               for i in range(nodes)]}
        (folder / "cluster.json").write_text(json.dumps(state))
        cluster = cls(folder)
        cluster.tied = tied
        cluster.format(protocol, config or {})
        for node in cluster.nodes:
            cluster.launch(node)
        cluster.wait_ready()
        (folder / "bootstrap").write_text(cluster.bootstrap)
        return cluster

    def node(self, node):
        return self.folder / f"node-{node}"

    def control(self, node=1):
        """An address without authentication, for the brokers among themselves and for wire.py."""
        return f"127.0.0.1:{self.state['nodes'][node - 1]['control']}"

    def format(self, protocol, config):
        image = formatted(self.version)
        cluster_id = new_id()
        name, log4j = LOG4J[self.version]
        (self.folder / "log4j.properties").write_text(log4j)
        for node in self.nodes:
            data = self.node(node) / "data"
            shutil.copytree(image, data)
            (data / "meta.properties").write_text(
                f"version=1\ncluster.id={cluster_id}\nnode.id={node}\ndirectory.id={new_id()}\n")
            lines = {**self.settings(node, protocol), **config}
            (self.node(node) / "server.properties").write_text("".join(f"{k}={v}\n" for k, v in lines.items()))

    def settings(self, node, protocol):
        ports = self.state["nodes"]
        copies, in_sync = (3, 2) if len(ports) == 3 else (1, 1)
        own = ports[node - 1]
        return {
            "process.roles": "broker,controller",
            "node.id": node,
            "controller.quorum.voters": ",".join(f"{i}@127.0.0.1:{p['controller']}" for i, p in enumerate(ports, 1)),
            "listeners": f"CLIENT://127.0.0.1:{own['client']},CONTROL://127.0.0.1:{own['control']},"
                         f"CONTROLLER://127.0.0.1:{own['controller']}",
            "listener.security.protocol.map": f"CLIENT:{protocol},CONTROL:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "CONTROL",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": self.node(node) / "data",
            "auto.create.topics.enable": "false",
            "default.replication.factor": copies,
            "min.insync.replicas": in_sync,
            "offsets.topic.num.partitions": 4,
            "offsets.topic.replication.factor": copies,
            "transaction.state.log.num.partitions": 4,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": in_sync,
            "share.coordinator.state.topic.num.partitions": 1,
            "share.coordinator.state.topic.replication.factor": copies,
            "share.coordinator.state.topic.min.isr": in_sync,
            "transaction.abort.timed.out.transaction.cleanup.interval.ms": 1000,
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 1000,
            "broker.session.timeout.ms": 4000,
            "broker.heartbeat.interval.ms": 500,
            "log.retention.check.interval.ms": 5000,
            "log.cleaner.dedupe.buffer.size": 4 << 20,
            "num.network.threads": 2,
            "num.io.threads": 4,
            "background.threads": 2,
        }

    def launch(self, node):
        folder = self.node(node)
        with open(folder / "log", "ab") as log:
            process = subprocess.Popen(
                java(self.version, "-Xms128m", "-Xmx512m", f"-D{LOG4J[self.version][0]}=file:{self.folder}/log4j.properties")
                + ["kafka.Kafka", str(folder / "server.properties")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, start_new_session=True,
                preexec_fn=die_with_parent if self.tied else None)
        self.processes[process.pid] = process
        (folder / "pid").write_text(str(process.pid))

    def wait_ready(self):
        """Until a topic with a copy on every broker could be created through every broker, and groups and transactions
        have their coordinators."""
        end = time.monotonic() + READY_SECONDS
        for node in self.nodes:
            while not self.ready(node):
                if not self.running(node) or time.monotonic() > end:
                    raise SystemExit(f"broker {node} of {self.folder} does not serve; see {self.node(node)}/log:\n"
                                     + self.log_tail(node))
                time.sleep(0.05)

    def ready(self, node):
        try:
            with wire.Connection(self.control(node)) as connection:
                connection.create_topic(f"ready-{uuid.uuid4()}", 1, min(3, len(self.nodes)), validate_only=True)
                connection.find_coordinator("ready", transactional=False)
                connection.find_coordinator("ready", transactional=True)
                return True
        except (OSError, wire.Refused):
            return False

    def log_tail(self, node):
        return "".join((self.node(node) / "log").read_text(errors="replace").splitlines(keepends=True)[-20:])

    def pid(self, node):
        """The process of a node, when it is one of ours and alive."""
        try:
            pid = int((self.node(node) / "pid").read_text())
            if pid in self.processes:  # its command line is empty for a moment while it starts
                return pid if self.processes[pid].poll() is None else None
            command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if str(self.node(node)).encode() in command else None

    def running(self, node):
        return self.pid(node) is not None

    def signal(self, number, node, patience):
        ends = []
        for each in [node] if node else self.nodes:
            pid = self.pid(each)
            if pid is not None:
                ends.append((pid, os.pidfd_open(pid)))
                os.kill(pid, number)
        for pid, end in ends:
            if not select.select([end], [], [], patience)[0]:
                os.kill(pid, signal.SIGKILL)
                select.select([end], [], [])
            os.close(end)
            if pid in self.processes:
                self.processes.pop(pid).wait()

    def stop(self, node=None):
        # Controllers that leave together lose their majority and would wait for it: the last ones are killed.
        self.signal(signal.SIGTERM, node, 60 if node or len(self.nodes) == 1 else 5)

    def kill(self, node=None):
        self.signal(signal.SIGKILL, node, 60)

    def revive(self, node=None):
        for each in [node] if node else self.nodes:
            if not self.running(each):
                self.launch(each)
        self.wait_ready()

    def restart(self, node=None):
        self.stop(node)
        self.revive(node)


def libraries(version):
    done = subprocess.run([HERE / "install", version], stdout=subprocess.PIPE, check=True, text=True)
    return pathlib.Path(done.stdout.strip().splitlines()[-1])


def java(version, *options):
    return ["java", "-XX:+UseSerialGC", *options, "-cp", f"{libraries(version)}/*"]


def formatted(version):
    """What kafka-storage format writes, made once: starting a JVM for it takes longer than all the rest."""
    folder = libraries(version).parent / "formatted"
    if folder.exists():
        return folder
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        settings = pathlib.Path(scratch) / "server.properties"
        settings.write_text("process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@127.0.0.1:1\n"
                            "listeners=CLIENT://127.0.0.1:2,CONTROLLER://127.0.0.1:1\ncontroller.listener.names=CONTROLLER\n"
                            "listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT\n"
                            f"inter.broker.listener.name=CLIENT\nlog.dirs={scratch}/data\n")
        subprocess.run(java(version) + ["kafka.tools.StorageTool", "format", "-t", new_id(), "-c", str(settings)],
                       check=True, stdout=subprocess.DEVNULL)
        try:
            os.rename(f"{scratch}/data", folder)
        except OSError:
            pass  # another start was first
    return folder
