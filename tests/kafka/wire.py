# SPDX-License-Identifier: Apache-2.0
"""The few requests of Kafka's protocol that tests administer a broker with, without starting a JVM for each. Nothing is
produced, consumed or counted here: kcat and Kafka's own tools do that."""

import socket
import struct

CREATE_TOPICS, DELETE_TOPICS, FIND_COORDINATOR, CREATE_ACLS, ALTER_CONFIGS = 19, 20, 10, 30, 44
TOPIC, GROUP, CLUSTER, TRANSACTIONAL_ID = 2, 3, 4, 5
LITERAL, PREFIXED = 3, 4
OPERATIONS = {"all": 2, "read": 3, "write": 4, "create": 5, "delete": 6, "describe": 8, "idempotent_write": 12}
RETRIABLE = {5, 6, 7, 14, 15, 16, 38, 41}  # no leader yet, not enough brokers, coordinator loading, …


class Refused(Exception):
    """The broker answered with an error code."""

    def __init__(self, code, text):
        super().__init__(f"Kafka error {code}: {text}")
        self.code = code


class Reader:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def number(self, form):
        value, = struct.unpack_from(">" + form, self.data, self.at)
        self.at += struct.calcsize(">" + form)
        return value

    def text(self):
        size = self.number("h")
        if size < 0:
            return None
        self.at += size
        return self.data[self.at - size:self.at].decode()


def text(value):
    if value is None:
        return struct.pack(">h", -1)
    return struct.pack(">h", len(value.encode())) + value.encode()


def array(items):
    return struct.pack(">i", len(items)) + b"".join(items)


class Connection:
    """One request after another to one broker, on its listener without authentication."""

    def __init__(self, address, seconds=30):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=seconds)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def receive(self, size):
        data = b""
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise ConnectionError("the broker closed the connection")
            data += part
        return data

    def ask(self, api, version, body):
        request = struct.pack(">hhi", api, version, 1) + text("tests") + body
        self.socket.sendall(struct.pack(">i", len(request)) + request)
        size, = struct.unpack(">i", self.receive(4))
        answer = Reader(self.receive(size))
        answer.number("i")  # correlation id
        return answer

    def create_topic(self, name, partitions=1, replication=1, config=None, validate_only=False):
        settings = [text(key) + text(str(value)) for key, value in (config or {}).items()]
        topic = text(name) + struct.pack(">ih", partitions, replication) + array([]) + array(settings)
        answer = self.ask(CREATE_TOPICS, 4, array([topic]) + struct.pack(">i?", 20_000, validate_only))
        answer.number("i")  # throttle time
        answer.number("i")  # one topic
        answer.text()
        self.check(answer)

    def delete_topic(self, name):
        answer = self.ask(DELETE_TOPICS, 1, array([text(name)]) + struct.pack(">i", 20_000))
        answer.number("i")
        answer.number("i")
        answer.text()
        code = answer.number("h")
        if code:
            raise Refused(code, f"topic {name} was not deleted")

    def alter_topic(self, name, config):
        settings = [text(key) + b"\0" + text(str(value)) for key, value in config.items()]  # 0: set
        resource = struct.pack(">b", TOPIC) + text(name) + array(settings)
        answer = self.ask(ALTER_CONFIGS, 0, array([resource]) + b"\0")
        answer.number("i")
        answer.number("i")
        self.check(answer)

    def allow(self, user, operation, resource, name, pattern=LITERAL):
        rule = (struct.pack(">b", resource) + text(name) + struct.pack(">b", pattern) + text(f"User:{user}") + text("*")
                + struct.pack(">bb", OPERATIONS[operation], 3))  # 3: allow
        answer = self.ask(CREATE_ACLS, 1, array([rule]))
        answer.number("i")
        answer.number("i")
        self.check(answer)

    def find_coordinator(self, key, transactional):
        answer = self.ask(FIND_COORDINATOR, 1, text(key) + struct.pack(">b", 1 if transactional else 0))
        answer.number("i")
        self.check(answer)

    @staticmethod
    def check(answer):
        code = answer.number("h")
        message = answer.text()
        if code:
            raise Refused(code, message)
