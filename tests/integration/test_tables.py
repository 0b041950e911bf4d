# SPDX-License-Identifier: Apache-2.0
"""From a stream to the rows of a real PostgreSQL, while the database comes and goes: rows + dead letters = records."""

import json
import unittest

import database_outages
import kafka
import test_movies
from eddy import BUILD, MOVIES, SANITIZE, HostTest, wait_for
from postgres import Postgres


def tables(postgres):
    return f"tables: {{ url: '{postgres.url}', batch_rows: 200, batch_ms: 20 }}\n"


def post_films(host):
    """As a client does it that is to send again what could not be kept in time."""
    def posted():
        status, answer = host.post("movies", MOVIES.read_bytes(), Content_Type="application/x-ndjson",
                                   Idempotency_Key="films")
        return (status, answer) if status not in (0, 409, 503) else None

    return wait_for("the films are taken", posted, 300)


class Films(test_movies.Balance):
    """The balance of the films demo, with releases in PostgreSQL."""

    def check_tables(self, host):
        every = host.run_json("ls")["tables"]
        self.assertEqual((sum(t["written"] for t in every), sum(t["refused"] for t in every)), (3169, 24))
        self.assertEqual(self.postgres.query('SELECT count(*), count(DISTINCT title) FROM releases'), [["3169", "3169"]])

    def through_http(self, settings):
        with Postgres() as self.postgres:
            host = self.host(settings + tables(self.postgres))
            host.drop(BUILD / "plugins/movies.so")
            host.start()
            status, answer = post_films(host)
            self.assertEqual((status, answer["accepted"], len(answer["errors"])), (207, 3184, 17))
            host.wait_idle(300)
            self.check_tables(host)
            self.assert_becomes(lambda: len(host.peek("ReleaseDLQ")), 24)
            letters = self.letters(host, "ReleaseDLQ")
            self.assertEqual({letter["error_type"] for letter in letters}, {"TableError"})
            self.assertTrue(all("23505" in letter["error_message"] for letter in letters))
            host.stop()

    def test_on_the_embedded_store(self):
        self.through_http("")

    @unittest.skipIf(SANITIZE, "what Kafka does is the same in every build")
    def test_on_kafka(self):
        with kafka.Cluster.create() as broker:
            self.through_http(kafka.settings(broker))


class FilmsInSqlite(test_movies.Balance):
    @unittest.skipIf(SANITIZE, "what Kafka does is the same in every build")
    def test_on_kafka(self):
        with kafka.Cluster.create() as broker:
            host = self.host(kafka.settings(broker))
            host.drop(BUILD / "plugins/movies.so")
            host.start()
            self.assertEqual(post_films(host)[0], 207)
            host.wait_idle(300)
            self.assert_becomes(lambda: len(host.peek("ReleaseDLQ")), 24)
            self.check_tables(host)
            host.stop()


class Outages(HostTest):
    def setUp(self):
        self.postgres = Postgres()
        self.addCleanup(self.postgres.close)
        self.ledger = self.host("dead_letter_queues: { entriesDeadLetterQueue: { table: entry_letters } }\n" +
                                tables(self.postgres))
        self.ledger.drop(BUILD / "test_plugins/ledger.so")
        self.ledger.start()

    def post(self, ids, account="a"):
        body = b"\n".join(b'{"id":%d,"account":"%s","tags":[]}' % (i, account.encode()) for i in ids)
        status, answer = self.ledger.post("entries", body, Content_Type="application/x-ndjson")
        self.assertEqual((status, answer), (200, {"accepted": len(ids)}))

    def letters(self):
        return [json.loads(record["value"]) for record in self.ledger.peek("entriesDeadLetterQueue")]

    def check(self, records, rows):
        """Every record is a row or a letter; all ids of rows differ, and letters are rows of their own table."""
        self.ledger.wait_idle(300)
        count, distinct = self.postgres.query("SELECT count(*), count(DISTINCT id) FROM entries")[0]
        self.assertEqual((count, distinct), (str(rows), str(rows)))
        letters = self.letters()
        self.assertEqual(len(letters), records - rows)
        self.assertEqual(self.postgres.query("SELECT count(DISTINCT id) FROM entry_letters"), [[str(len(letters))]])
        return letters

    def test_stopped_and_started_under_load(self):
        def post(batch):
            ids = range(250 * batch, 250 * batch + 250)
            self.post([i - 1 if i % 50 == 49 else i for i in ids])  # one in fifty twice

        batches = database_outages.feed_through(self.postgres, self.ledger, "table.entries.entries", post)
        letters = self.check(250 * batches, 245 * batches)
        self.assertEqual({(letter["source"], letter["error_type"]) for letter in letters}, {("table", "TableError")})
        self.ledger.stop()

    def test_a_constraint_behind_our_back(self):
        self.post(range(100))
        self.check(100, 100)
        self.postgres.query("ALTER TABLE entries ADD CONSTRAINT polite CHECK (account <> 'rude')")
        self.post(range(100, 200), "rude")
        self.post(range(200, 300))
        letters = self.check(300, 200)
        self.assertTrue(all("23514" in letter["error_message"] and "polite" in letter["error_message"] for letter in letters))
        self.ledger.stop()

    def test_a_dropped_column_comes_back(self):
        self.post(range(50))
        self.check(50, 50)
        self.postgres.query("ALTER TABLE entries DROP COLUMN amount")
        self.post(range(50, 100))
        self.check(100, 100)
        self.assertEqual(self.postgres.query("SELECT count(*) FROM entries WHERE amount IS NULL"), [["100"]])
        self.ledger.stop()

    def test_another_shape_is_refused_and_nothing_is_lost(self):
        self.post(range(50))
        self.check(50, 50)
        self.postgres.query("ALTER TABLE entries ALTER COLUMN account TYPE integer USING 0")
        self.post(range(50, 100))
        told = wait_for("both shapes",
                        lambda: (lambda text: text if "account" in text else "")(self.ledger.get("/readyz")[1]), 300)
        self.assertIn("table.entries.entries", told)
        self.postgres.query("ALTER TABLE entries ALTER COLUMN account TYPE text")
        self.check(100, 100)
        self.ledger.stop()

    def test_killed_while_it_writes(self):
        for begin in range(0, 4_000, 200):
            self.post([i - 1 if i % 20 == 19 else i for i in range(begin, begin + 200)])
            self.ledger.kill()
            self.ledger.start()
        self.check(4_000, 3_800)
        self.ledger.stop()
