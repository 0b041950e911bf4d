# SPDX-License-Identifier: Apache-2.0
"""The main job on real input: 3,201 films, their dirt and its recovery."""

import collections
import contextlib
import json
import os
import sqlite3
import subprocess
import unittest

from eddy import BUILD, MOVIES, ROOT, SANITIZE, HostTest

BALANCE = {"films in, by HTTP": 3201, "refused at the door": 17, "refused by the transform": 20, "recovered": 29,
           "skipped by the recovery": 8, "rows in table releases": 3169, "refused by the table": 24,
           "dead letters from the ingest API": 17, "dead letters from the transform": 20,
           "dead letters from the table": 24}


class Balance(HostTest):
    def check_balance(self, host):
        transform, recovery = host.function("to_release"), host.function("recover_movie")
        groups = host.run_json("dlq", "groups", "MovieDLQ", "--state", "all")["groups"]
        by_type = collections.Counter()
        for group in groups:
            by_type[group["error_type"]] += group["count"]
        self.assertEqual((transform["delivered"], transform["filtered"], transform["dead_lettered"]), (3164, 0, 37))
        self.assertEqual((recovery["delivered"], recovery["filtered"], recovery["dead_lettered"]), (29, 8, 0))
        self.assertEqual(by_type["ValidationError"], 17)
        self.assertEqual(sum(by_type.values()), 37)
        records = {stream["stream"]: stream["records"] for stream in host.run_json("ls")["streams"]}
        self.assertEqual((records["movies"], records["releases"], records["recovered_releases"], records["MovieDLQ"]),
                         (3201, 3164, 29, 37))
        self.check_tables(host)

    def check_tables(self, host):
        """24 releases have a title that is already there."""
        tables = host.run_json("ls")["tables"]
        self.assertEqual(sum(table["written"] for table in tables), 3169)
        self.assertEqual(sum(table["refused"] for table in tables), 24)
        with contextlib.closing(sqlite3.connect(host.folder / "tables.db")) as database:
            self.assertEqual(database.execute('SELECT count(*), count(DISTINCT title) FROM releases').fetchone(),
                             (3169, 3169))
        letters = [json.loads(record["value"]) for record in host.peek("ReleaseDLQ")]
        self.assertEqual(len(letters), 24)
        self.assertEqual({(letter["source"], letter["error_type"]) for letter in letters}, {("table", "TableError")})


class Movies(Balance):
    def movies(self):
        host = self.host()
        host.drop(BUILD / "plugins/movies.so")
        return host

    def test_balance_on_the_command_line_and_not_doubled_by_a_second_run(self):
        host = self.movies()
        host.run("put", "movies", MOVIES)
        for _ in range(2):
            host.run("run", "--until-idle")
            self.check_balance(host)

    def test_balance_in_the_metrics(self):
        host = self.movies().start()
        self.assertEqual(host.metric("eddy_records_total"), 0)  # series are there before anything happens
        self.assertIn('eddy_records_total{function="to_release",outcome="delivered"}', host.metrics())
        host.run("put", "movies", MOVIES)
        host.wait_idle()
        count = host.metric
        self.assert_becomes(lambda: {
            "delivered": count("eddy_records_total", function="to_release", outcome="delivered"),
            "dead_lettered": count("eddy_records_total", function="to_release", outcome="dead_lettered"),
            "invalid": count("eddy_dead_letters_total", queue="MovieDLQ", function="to_release", source="transform",
                             error_type="ValidationError"),
            "letters": count("eddy_dead_letters_total", queue="MovieDLQ", function="to_release"),
            "recovered": count("eddy_recoveries_total", queue="MovieDLQ", outcome="recovered"),
            "skipped": count("eddy_recoveries_total", queue="MovieDLQ", outcome="skipped"),
            "ratio": round(count("eddy_recovery_success_ratio", queue="MovieDLQ"), 7),
            "times": count("eddy_recovery_seconds_count", queue="MovieDLQ"),
        }, {"delivered": 3164, "dead_lettered": 37, "invalid": 17, "letters": 37, "recovered": 29, "skipped": 8,
            "ratio": round(29 / 37, 7), "times": 29})
        self.assertEqual(count("eddy_dead_letter_queue_depth", queue="MovieDLQ"), 0)
        self.assertEqual(count("eddy_consumer_lag", function="to_release"), 0)
        host.stop()

    def test_balance_through_http(self):
        host = self.movies().start()
        status, answer = host.post("movies", MOVIES.read_bytes(), Content_Type="application/x-ndjson")
        self.assertEqual((status, answer["accepted"], len(answer["errors"])), (207, 3184, 17))
        self.assertEqual({error["pointer"] for error in answer["errors"]}, {"/Title", "/US Gross"})
        host.wait_idle()
        self.check_tables(host)
        count = host.metric
        self.assertEqual(count("eddy_ingest_records_total", api="movies", result="accepted"), 3184)
        self.assertEqual(count("eddy_ingest_records_total", api="movies", result="dead_lettered"), 17)
        self.assertEqual(count("eddy_ingest_requests_total", api="movies", code="207"), 1)
        self.assert_becomes(lambda: [
            count("eddy_table_rows_total", table="releases", result="written"),
            count("eddy_dead_letters_total", queue="ReleaseDLQ", source="table", error_type="TableError")], [3169, 24])
        sources = collections.Counter(json.loads(letter["value"])["source"] for letter in host.peek("MovieDLQ"))
        self.assertEqual(sources, {"api": 17, "transform": 20})
        by_id = {json.loads(letter["value"])["id"] for letter in host.peek("MovieDLQ")}
        self.assertTrue({error["dead_letter_id"] for error in answer["errors"]} <= by_id)
        recovery = host.function("recover_movie")
        self.assertEqual((recovery["delivered"], recovery["filtered"], recovery["dead_lettered"]), (29, 8, 0))
        host.stop()

    def test_originals_are_byte_identical(self):
        host = self.movies()
        host.run("put", "movies", MOVIES)
        host.run("run", "--until-idle")
        lines = MOVIES.read_bytes().split(b"\n")
        for record in host.peek("MovieDLQ"):
            envelope = record["value"].encode()
            offset = int(envelope.split(b'"offset":')[1].split(b",")[0])
            self.assertTrue(envelope.startswith(b'{"original_record":' + lines[offset] + b","), envelope[:300])

    @unittest.skipIf(SANITIZE, "the quickstart builds the release preset")
    def test_quickstart_twice(self):
        host = self.host()
        environment = {**os.environ, "EDDY_DEMO_DIR": str(host.folder / "demo"), "EDDY_ADMIN_LISTEN": "127.0.0.1:0",
                       "EDDY_INGEST_LISTEN": "127.0.0.1:0"}
        for _ in range(2):
            done = subprocess.run([ROOT / "deploy/quickstart", "--exit"], env=environment, capture_output=True, text=True,
                                  timeout=1200)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            for what, number in BALANCE.items():
                self.assertRegex(done.stdout, rf"(?m)^{what} +{number}$")
