# SPDX-License-Identifier: Apache-2.0
"""Dead letters seen and closed: by the command line and by the API, with and without a running host."""

import collections
import json
import sqlite3
import unittest
import urllib.parse

from eddy import BUILD, MOVIES, HostTest, wait_for

# Filters, and what they mean over the table that an export makes.
FILTERS = [
    (["--state", "all"], "1"),
    ([], "state = 'open'"),
    (["--state", "recovered", "--state", "open"], "state IN ('open', 'recovered')"),
    (["--state", "all", "--type", "Valid*"], "error_type GLOB 'Valid*'"),
    (["--state", "all", "--since", "1h"], "failed_at >= datetime('now', '-1 hour')"),
    (["--state", "all", "--until", "1h"], "0"),
    (["--state", "all", "--function", "to_release"], "function = 'to_release'"),
    (["--state", "all", "--where", "error_message LIKE '%gross%' AND attempts = 1"],
     "error_message LIKE '%gross%' AND attempts = 1"),
    (["--state", "all", "--where", "size > 600"], "size > 600"),
    (["--state", "all", "--match", "/Title=Cowboys and Aliens"],
     "json_extract(original, '$.Title') = 'Cowboys and Aliens'"),
]


class Triage(HostTest):
    def movies(self):
        host = self.host()
        host.drop(BUILD / "plugins/movies.so")
        host.run("put", "movies", MOVIES)
        host.run("run", "--until-idle")
        return host

    def ask(self, host, path):
        status, text = host.get(path)
        return json.loads(text) if status == 200 else collections.defaultdict(list)

    def export(self, host, *filters):
        return [json.loads(line) for line in host.run("dlq", "export", "MovieDLQ", *filters).splitlines()]

    def table_of(self, letters):
        database = sqlite3.connect(":memory:")
        columns = ["id", "state", "error_type", "error_message", "failed_at", "function", "attempts", "size", "original"]
        database.execute(f"CREATE TABLE letters({', '.join(columns)})")
        rows = [[letter[column] for column in columns] for letter in letters]
        database.executemany(f"INSERT INTO letters VALUES({', '.join('?' * len(columns))})", rows)
        return database

    def test_filters_agree_with_sql_over_an_export(self):
        host = self.movies()
        whole = self.export(host, "--state", "all")
        self.assertEqual(len(whole), 37)
        table = self.table_of(whole)
        for arguments, where in FILTERS:
            with self.subTest(where):
                expected = sorted(row[0] for row in table.execute(f"SELECT id FROM letters WHERE {where}"))
                self.assertEqual(sorted(letter["id"] for letter in self.export(host, *arguments)), expected)
                groups = host.run_json("dlq", "groups", "MovieDLQ", *arguments)["groups"]
                self.assertEqual(sum(group["count"] for group in groups), len(expected))
                listed = host.run_json("dlq", "letters", "MovieDLQ", *arguments)["letters"]
                self.assertEqual(sorted(letter["id"] for letter in listed), expected)

    def test_an_export_has_the_exact_bytes(self):
        host = self.movies()
        films = collections.Counter(MOVIES.read_bytes().splitlines())
        for letter in self.export(host, "--state", "all"):
            self.assertGreater(films[letter["original"].encode()], 0)

    def test_hostile_expressions_are_refused(self):
        host = self.movies()
        for where in ("1); DROP TABLE letter", "1) UNION SELECT 1 FROM sqlite_master WHERE (1", "load_extension('x')",
                      "id IN (SELECT name FROM sqlite_master)", "id IN (SELECT hex(id) FROM letters)", "1; ATTACH 'x' AS y",
                      "1 IN (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n)"):
            with self.subTest(where):
                host.run("dlq", "groups", "MovieDLQ", "--where", where, code=64)
                self.assertIn("where '", host.stderr)
        self.assertEqual(len(self.export(host, "--state", "all")), 37)

    def test_discard_closes_what_it_said(self):
        host = self.movies()
        host.run("dlq", "discard", "MovieDLQ", "--reason", "no use", code=64)
        self.assertIn("--yes", host.stderr)
        planned = host.run_json("dlq", "discard", "MovieDLQ", "--reason", "no use", "--dry-run")
        self.assertEqual((planned["selected"], planned["discarded"]), (8, 0))
        self.assertEqual(len(self.export(host)), 8)
        self.assertEqual(host.run_json("dlq", "discard", "MovieDLQ", "--reason", "no use", "--yes")["discarded"], 8)
        self.assertEqual(self.export(host), [])
        closed = self.export(host, "--state", "discarded")
        self.assertEqual({letter["closed"]["reason"] for letter in closed}, {"no use"})
        for name in host.folder.glob("data/triage.db*"):
            name.unlink()
        self.assertEqual(self.export(host, "--state", "discarded"), closed)
        self.assertEqual(len(host.peek("MovieDLQ")), 37)

    def answers(self, host, listing, arguments):
        """Of the API and of the command line, but for what falls with the time."""
        pairs = [(arguments[i][2:], arguments[i + 1]) for i in range(0, len(arguments), 2)]
        both = [self.ask(host, f"/api/v1/queues/MovieDLQ/{listing}?" + urllib.parse.urlencode(pairs)),
                host.run_json("dlq", listing, "MovieDLQ", *arguments)]
        for group in [group for answer in both for group in answer.get("groups", [])]:
            self.assertGreater(group.pop("per_minute"), 0)
        return both

    def test_the_api_and_the_command_line_say_the_same(self):
        host = self.movies().start()
        movies = lambda queues: {queue["queue"]: queue for queue in queues}.get("MovieDLQ", {})  # noqa: E731
        in_api = lambda: movies(self.ask(host, "/api/v1/queues")["queues"])  # noqa: E731
        # The run before may have left an index that has the letters, and not yet what became of them.
        self.assert_becomes(lambda: [in_api().get(state) for state in ("letters", "open", "recovered")], [37, 8, 29],
                            "the index")
        for arguments in ([], ["--state", "all", "--limit", "2"], ["--where", "attempts > 0"]):
            for listing in ("groups", "letters"):
                api, tool = self.answers(host, listing, arguments)
                if api != tool:  # a half hour that groups count by has ended between the two
                    api, tool = self.answers(host, listing, arguments)
                self.assertEqual(api, tool)
        letter = host.run_json("dlq", "letters", "MovieDLQ")["letters"][0]["id"]
        self.assertEqual(self.ask(host, f"/api/v1/letters/{letter}"), host.run_json("dlq", "show", letter))
        self.assertEqual(in_api(), movies(host.run_json("dlq", "ls")["queues"]))
        host.stop()

    def test_what_redact_hides_is_not_found_by_asking(self):
        host = self.movies()
        films = [json.loads(letter["original"]) for letter in self.export(host, "--state", "all")]
        title = films[0]["Title"]
        count = sum(film["Title"] == title for film in films)
        host.configure('functions: { "*": { redact: [/Title] } }\n')
        asked = ["MovieDLQ", "--state", "all", "--match", f"/Title={title}"]
        for command in ("groups", "letters", "export"):
            host.run("dlq", command, *asked, code=1)
            self.assertIn("match /Title: redact hides what is there", host.stderr)
        self.assertEqual(len(host.run_json("dlq", "letters", *asked, "--reveal")["letters"]), count)
        host.run("dlq", "export", *asked, "--reveal")
        host.run("dlq", "discard", *asked, "--reveal", "--reason", "old", "--yes")
        audit = (host.folder / "data/audit.ndjson").read_text()
        for command in ("letters", "export", "discard"):
            self.assertIn(f"eddy dlq {command}", audit)
        self.assertNotIn(title, audit)
        host.start()
        path = "/api/v1/queues/MovieDLQ/letters?state=all&" + urllib.parse.urlencode({"match": f"/Title={title}"})
        wait_for("the index", lambda: self.ask(host, "/api/v1/queues/MovieDLQ/letters?state=all")["letters"])
        self.assertEqual(host.get(path)[0], 403)
        self.assertEqual(len(self.ask(host, path + "&reveal=true")["letters"]), count)
        wish = {"filter": {"match": [f"/Title={title}"], "state": "all"}, "reason": "old", "dry_run": True}
        self.assertEqual(host.ask("POST", "/api/v1/queues/MovieDLQ/discard", wish)[0], 200)
        noted, = self.ask(host, "/api/v1/audit?action=*discard&limit=1")["entries"]
        self.assertEqual(noted["parameters"]["filter"], {"match": ["/Title=…"], "state": "all"})
        self.assertNotIn(title, (host.folder / "data/audit.ndjson").read_text())
        host.stop()

    def test_a_reload_hides_what_it_names(self):
        host = self.host()
        host.drop(BUILD / "plugins/movies.so")
        host.put("movies", [b'{"title": "a hidden title", "year": "no number"}'])
        host.start()
        host.wait_idle()
        path = "/api/v1/queues/MovieDLQ/letters?match=%2Ftitle%3Da%20hidden%20title"
        wait_for("the index", lambda: self.ask(host, path)["letters"])
        host.configure('functions: { "*": { redact: [/title] } }\n')
        wait_for("the masks", lambda: host.get(path)[0] == 403)
        self.assertEqual(len(wait_for("the index", lambda: self.ask(host, path + "&reveal=true")["letters"])), 1)
        host.stop()


if __name__ == "__main__":
    unittest.main()
