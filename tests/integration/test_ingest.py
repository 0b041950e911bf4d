# SPDX-License-Identifier: Apache-2.0
"""The door: what is answered 2xx is stored, once, whatever dies meanwhile."""

import collections
import http.client
import json
import random
import threading
import time
import unittest

import kafka
from eddy import BUILD, LONG, SANITIZE, HostTest, wait_for

KILLS = 100 if LONG else 8
CLIENTS = 4
BATCH = 20


def entry(number, account="a"):
    return b'{"id":%d,"account":"%s","tags":["t"]}' % (number, account.encode())


class Client(threading.Thread):
    """Posts batches, each until it is answered 2xx, with one key; remembers which ids were."""

    def __init__(self, host, name, stop):
        super().__init__()
        self.host, self.index, self.stop = host, name, stop
        self.acknowledged = []

    def run(self):
        for batch in range(1_000_000):
            if self.stop.is_set():
                return
            ids = [((self.index * 1_000_000) + batch) * BATCH + i for i in range(BATCH)]
            body = b"[" + b",".join(map(entry, ids)) + b"]"
            while not self.post(body, f"{self.index}-{batch}"):
                if self.stop.is_set():
                    return
                time.sleep(0.01)  # a refused connection is answered at once: this is no wait for an event
            self.acknowledged += ids

    def post(self, body, key):
        try:
            return self.host.post("entries", body, Idempotency_Key=key)[0] == 200
        except (AssertionError, ConnectionError, http.client.HTTPException, json.JSONDecodeError):
            return False  # the host is away, or died in the middle of its answer


class Acknowledged(HostTest):
    def check(self, clients, stored):
        times = collections.Counter(stored)
        self.assertEqual([number for number, count in times.items() if count > 1], [])
        acknowledged = [number for client in clients for number in client.acknowledged]
        self.assertGreater(len(acknowledged), BATCH * KILLS)
        self.assertEqual([number for number in acknowledged if number not in times], [])

    def clients(self, host):
        stop = threading.Event()
        self.addCleanup(stop.set)
        clients = [Client(host, index, stop) for index in range(CLIENTS)]
        for client in clients:
            client.start()
        return clients, stop

    def wait_acknowledged(self, clients):
        """One more batch, of whichever client: on a slow machine a host could be killed before it has answered any."""
        count = lambda: sum(len(client.acknowledged) for client in clients)  # noqa: E731
        before = count()
        wait_for("one more batch", lambda: count() > before)

    def test_ids_survive_kill_9(self):
        host = self.host()
        host.drop(BUILD / "test_plugins/ledger.so")
        host.start()
        clients, stop = self.clients(host)
        rng = random.Random(20261124)
        for _ in range(KILLS):
            self.wait_acknowledged(clients)
            time.sleep(rng.uniform(0.05, 0.4))  # the moment is the random input of this test, not something waited for
            host.kill()
            host.start()
        self.wait_acknowledged(clients)
        stop.set()
        for client in clients:
            client.join()
        host.stop()
        self.check(clients, [json.loads(record["value"])["id"] for record in host.peek("entries")])

    @unittest.skipIf(SANITIZE, "what Kafka does is the same in every build")
    def test_ids_survive_a_restart_of_the_broker(self):
        with kafka.Cluster.create() as broker:
            host = self.host(kafka.settings(broker))
            host.drop(BUILD / "test_plugins/ledger.so")
            host.start()
            clients, stop = self.clients(host)
            for _ in range(2):
                before = [len(client.acknowledged) for client in clients]
                broker.restart()
                wait_for("every client goes on", lambda: all(
                    len(client.acknowledged) > count for client, count in zip(clients, before)), 300)
                host.kill()
                host.start()
            stop.set()
            for client in clients:
                client.join()
            host.stop()
            self.check(clients, [json.loads(value)["id"] for value in broker.values("entries")])


class Door(HostTest):
    def setUp(self):
        self.door = self.host()
        self.door.drop(BUILD / "test_plugins/ledger.so")
        self.door.start()

    def tearDown(self):
        self.door.stop()

    def test_a_batch_with_three_bad_records(self):
        bad = {100: b'{"id":"x","account":"a","tags":[]}', 500: b'{"id":1}', 999: b'{"id":7,"account":"","tags":[]}'}
        body = b"[" + b",".join(bad.get(i, entry(i)) for i in range(1000)) + b"]"
        status, answer = self.door.post("entries", body)
        self.assertEqual((status, answer["accepted"]), (207, 997))
        self.assertEqual([error["index"] for error in answer["errors"]], [100, 500, 999])
        self.assertEqual([error["pointer"] for error in answer["errors"]], ["/id", "/account", ""])
        letters = {letter["id"]: letter for letter in
                   (json.loads(record["value"]) for record in self.door.peek("entriesDeadLetterQueue"))}
        for error in answer["errors"]:
            letter = letters[error["dead_letter_id"]]
            self.assertEqual(letter["source"], "api")
            self.assertEqual(letter["original_record"], json.loads(bad[error["index"]]))
        self.assertEqual([letters[error["dead_letter_id"]]["error_type"] for error in answer["errors"]],
                         ["ValidationError"] * 3)

    @unittest.skipIf(SANITIZE, "what a crashed call held is never freed, and TSan survives no second signal")
    def test_a_check_that_crashes_is_a_dead_letter(self):
        status, answer = self.door.post("entries", entry(1, "crash"))
        self.assertEqual((status, answer["accepted"]), (400, 0))
        letter = json.loads(self.door.peek("entriesDeadLetterQueue")[0]["value"])
        self.assertEqual((letter["error_type"], letter["source"]), ("SIGILL", "api"))
        wait_for("a fresh copy of the plugin", lambda: self.door.post("entries", entry(2))[0] == 200)

    @unittest.skipIf(SANITIZE, "what a crashed call held is never freed, and TSan survives no second signal")
    def test_while_the_plugin_is_in_quarantine_its_check_refuses_nothing(self):
        door = self.host()
        text = door.config.read_text()
        door.config.write_text(text.replace(f"dir: {door.plugins}", f"dir: {door.plugins}, quarantine: "
                                            "{ max_faults: 1, window_ms: 3600000, initial_ms: 3600000, "
                                            "max_ms: 3600000 }"))
        door.drop(BUILD / "test_plugins/ledger.so")
        door.start()
        for _ in range(2):
            wait_for("its check breaks", lambda: door.post("entries", entry(1, "crash"))[0] == 400)
        wait_for("it is taken out", lambda: "plugin ledger: quarantined" in door.get("/readyz")[1])
        status, answer = door.post("entries", entry(2))
        self.assertEqual(status, 503)
        self.assertIn("plugin ledger has faulted, and checks nothing until it is back", answer["error"])
        self.assertEqual([x["error_type"] for x in self.letters(door, "entriesDeadLetterQueue")],
                         ["SIGILL", "SIGILL"])
        door.order("release", "ledger", "--admin", door.admin())
        wait_for("it is taken again", lambda: door.post("entries", entry(2))[0] == 200)
        door.stop()

    def test_keys_are_the_models(self):
        self.door.post("entries", b"[" + entry(1, "x") + b"," + entry(2, "y") + b"]")
        self.assertEqual(sorted(record["key"] for record in self.door.peek("entries")), ["x", "y"])

    def test_routes_go_with_their_plugin(self):
        (self.door.plugins / "ledger.so").unlink()
        wait_for("the route is gone", lambda: self.door.post("entries", entry(1))[0] == 404)
        self.door.drop(BUILD / "test_plugins/ledger.so")
        wait_for("the route is back", lambda: self.door.post("entries", entry(1))[0] == 200)
