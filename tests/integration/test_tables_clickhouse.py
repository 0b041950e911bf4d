# SPDX-License-Identifier: Apache-2.0
"""From a stream to the rows of ClickHouse's engine, while host and database come and go: each record is one row."""

import base64
import json
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request

import database_outages
from eddy import BUILD, MOVIES, ROOT, HostTest, wait_for

SERVER = ROOT / "tests/clickhouse/server"


class ClickHouse:
    """Ends with the test that made it."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="eddy-clickhouse-")
        self.url = self.run("start")

    def run(self, verb):
        done = subprocess.run([sys.executable, SERVER, verb, self.folder], capture_output=True, text=True, timeout=600)
        if done.returncode:
            raise AssertionError(f"{SERVER} {verb}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def start(self):
        """Again, after stop(): the same address, the same data."""
        self.run("restart")

    def stop(self):
        self.run("stop")

    def close(self):
        self.run("stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def query(self, sql):
        """Rows, as lists of texts."""
        url = urllib.parse.urlsplit(self.url)
        login = f"{url.username}:{urllib.parse.unquote(url.password)}".encode()
        request = urllib.request.Request(f"http://{url.hostname}:{url.port}/?database={url.path[1:]}", data=sql.encode(),
                                         headers={"Authorization": "Basic " + base64.b64encode(login).decode()})
        with urllib.request.urlopen(request, timeout=600) as reply:
            return [line.split("\t") for line in reply.read().decode().splitlines()]


class ClickHouseTest(HostTest):
    def setUp(self):
        self.clickhouse = ClickHouse()
        self.addCleanup(self.clickhouse.close)

    def tables(self, named=""):
        return f"tables: {{ url: '{self.clickhouse.url}', batch_rows: 5000, batch_ms: 20{named} }}\n"


class Films(ClickHouseTest):
    """3,193 releases, 24 of which have a title that is there already."""

    def test_the_last_of_a_title_counts(self):
        host = self.host(self.tables(", named: { releases: { on_conflict: replace } }"))
        host.drop(BUILD / "plugins/movies.so")
        host.start()
        host.run("put", "movies", MOVIES)
        host.wait_idle(300)
        every = host.run_json("ls")["tables"]
        self.assertEqual((sum(t["written"] for t in every), sum(t["refused"] for t in every)), (3193, 0))
        self.assertEqual(self.clickhouse.query("SELECT count(), uniqExact(title) FROM releases FINAL"), [["3169", "3169"]])
        host.stop()

    def test_what_cannot_be_refused_is_said(self):
        host = self.host(self.tables())
        host.drop(BUILD / "plugins/movies.so")
        host.launch()
        told = wait_for("the reason",
                        lambda: (lambda text: text if "unique" in text else "")(host.get("/readyz")[1]), 300)
        self.assertIn("ClickHouse refuses no second row with the same value; say on_conflict: replace", told)
        host.stop()


class Events(ClickHouseTest):
    def setUp(self):
        super().setUp()
        # A record that two kills hit by chance is not to be blamed for them.
        self.events = self.host(self.tables() + "functions: { '*': { max_deaths: 100 } }\n")
        self.events.drop(BUILD / "plugins/events.so")
        self.events.start()

    def post(self, ids, action="click"):
        body = b"\n".join(b'{"user_id":"%d","action":"%s","timestamp":1}' % (i, action.encode()) for i in ids)
        status, answer = self.events.post("raw_events", body, Content_Type="application/x-ndjson")
        self.assertEqual((status, answer), (200, {"accepted": len(ids)}))

    def check(self, rows, refused=0):
        self.events.wait_idle(300)
        every = self.events.run_json("ls")["tables"]
        self.assertEqual(sum(table["refused"] for table in every), refused)
        self.assertEqual(self.clickhouse.query("SELECT count(), uniqExact(user_id) FROM processed_events"),
                         [[str(rows), str(rows)]])

    def test_stopped_and_started_under_load(self):
        batches = database_outages.feed_through(self.clickhouse, self.events, "table.processed_events",
                                                lambda batch: self.post(range(250 * batch, 250 * batch + 250)))
        self.check(250 * batches)
        self.events.stop()

    def test_killed_while_it_writes(self):
        for begin in range(0, 3_000, 200):
            self.post(range(begin, begin + 200))
            self.events.kill()
            self.events.start()
        self.check(3_000)
        self.events.stop()

    def test_a_constraint_behind_our_back(self):
        self.post(range(100))
        self.check(100)
        self.clickhouse.query("ALTER TABLE processed_events ADD CONSTRAINT polite CHECK action != 'rude'")
        self.post(range(100, 200), "rude")
        self.post(range(200, 300))
        self.check(200, refused=100)
        letters = [json.loads(record["value"]) for record in self.events.peek("processed_eventsDeadLetterQueue")]
        self.assertEqual({(letter["source"], letter["error_type"]) for letter in letters}, {("table", "TableError")})
        self.assertTrue(all("469" in letter["error_message"] and "polite" in letter["error_message"] for letter in letters))
        self.events.stop()

    def test_another_shape_is_refused_and_nothing_is_lost(self):
        self.post(range(50))
        self.check(50)
        self.clickhouse.query("ALTER TABLE processed_events DROP COLUMN action")
        self.clickhouse.query("ALTER TABLE processed_events ADD COLUMN action Int32")
        self.post(range(50, 100))
        wait_for("both shapes",
                 lambda: "column action must be String and is Int32" in self.events.get("/readyz")[1], 300)
        self.clickhouse.query("ALTER TABLE processed_events DROP COLUMN action")
        self.check(100)
        self.assertEqual(self.clickhouse.query("SELECT count() FROM processed_events WHERE action = 'click'"), [["50"]])
        self.events.stop()
