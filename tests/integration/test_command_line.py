# SPDX-License-Identifier: Apache-2.0
"""Every command as an operator types it: output, errors, exit codes."""

import json
import os
import signal
import sqlite3
import subprocess
from contextlib import closing

from certificates import make_certificates
from eddy import BINARY, BUILD, MOVIES, HostTest, wait_for


def eddy(*arguments, data=None):
    return subprocess.run([BINARY, *map(str, arguments)], input=data, capture_output=True, text=True, timeout=300)


class CommandLine(HostTest):
    def movies(self, settings=""):
        host = self.host(settings)
        host.drop(BUILD / "plugins/movies.so")
        return host

    def test_usage_errors_exit_64(self):
        for arguments in ([], ["frobnicate"], ["put"], ["dlq", "show"], ["run", "--nonsense"]):
            done = eddy(*arguments)
            self.assertEqual(done.returncode, 64, arguments)
            self.assertTrue(done.stderr, arguments)

    def test_help_and_version_exit_0(self):
        for arguments in (["--help"], ["run", "--help"], ["dlq", "groups", "--help"], ["--version"]):
            done = eddy(*arguments)
            self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
            self.assertTrue(done.stdout)

    def test_configuration_errors_all_at_once_with_places(self):
        host = self.host()
        host.config.write_text("data_dirr: ./x\nadmin:\n  listen: 5\n  lisen: 'a'\nfunctions: { f: { timeout_ms: soon } }\n")
        for command in (["check"], ["ls"], ["run"], ["put", "movies"], ["dlq", "ls"]):
            host.run(*command, code=78)
            self.assertRegex(host.stderr, rf"{host.config}:1:1: .*data_dirr.*data_dir")
            self.assertRegex(host.stderr, rf"{host.config}:4:3: .*lisen.*listen")
            self.assertRegex(host.stderr, rf"{host.config}:5:\d+: .*timeout_ms")

    def test_missing_configuration_file(self):
        self.assertEqual(eddy("ls", "-c", "/nonexistent/eddy.yaml").returncode, 78)

    def test_check(self):
        host = self.movies()
        self.assertIn("ok: 1 plugin", host.run("check"))
        self.assertEqual(host.run_json("check", "--offline")["ok"], True)
        (host.plugins / "broken.so").write_text("not a plugin")
        os.chmod(host.plugins / "broken.so", 0o644)
        host.run("check", code=1)
        self.assertIn("broken.so", host.stderr)
        found = json.loads(host.run("check", "--json", code=1))
        self.assertEqual((found["ok"], len(found["findings"])), (False, 1))

    def test_check_reads_the_certificates_of_listeners(self):
        make_certificates(folder := self.host().folder)
        good = f"tls: {{ certificate: {folder}/server.pem, key: {folder}/server.key }}"
        for listener in ("admin", "ingest"):
            host = self.movies(f"{listener}: {{ listen: '127.0.0.1:0', {good} }}\n")
            self.assertIn("ok: 1 plugin", host.run("check"))
            host.configure(f"{listener}: {{ listen: '127.0.0.1:0', {good.replace('server.pem', 'none.pem')} }}\n")
            host.run("check", code=78)
            self.assertRegex(host.stderr, rf"listeners: {listener}\.tls.*none\.pem")
            self.assertIn("ok: 1 plugin", host.run("check", "--offline"))

    def test_check_looks_at_databases_and_makes_nothing(self):
        host = self.movies()
        database = host.folder / "tables.db"
        host.run("check")
        self.assertFalse(database.exists())
        database.write_text("no database, but text" * 100)
        host.run("check", code=65)
        self.assertRegex(host.stderr, r"^tables: sqlite .*tables\.db, table releases: reading the file: file is not a "
                                      r"database .*; restore the file .*\n$")
        self.assertIn("ok: 1 plugin", host.run("check", "--offline"))
        database.unlink()
        with closing(sqlite3.connect(database)) as own, own:
            own.execute("PRAGMA journal_mode = WAL")
            own.execute("CREATE TABLE releases (title INTEGER)")
        before = sorted(path.name for path in host.folder.iterdir())
        host.run("check", code=78)
        self.assertIn("column title must be TEXT and is INTEGER", host.stderr)
        self.assertEqual(sorted(path.name for path in host.folder.iterdir()), before)
        host.configure(f"tables: {{ url: 'sqlite:{host.config}/none/tables.db' }}\n")
        host.run("check", code=69)
        self.assertIn(f"{host.config} cannot be written", host.stderr)
        for url in ("postgresql://u:secret@127.0.0.1:1/x", "clickhouse://u:secret@127.0.0.1:1/x"):
            host.configure(f"tables: {{ url: '{url}', named: {{ releases: {{ on_conflict: replace }} }} }}\n")
            found = json.loads(host.run("check", "--json", code=69))["findings"]
            self.assertEqual([one["stage"] for one in found], ["tables"])
            self.assertIn("127.0.0.1:1", found[0]["finding"])
            self.assertNotIn("secret", found[0]["finding"])

    def test_put_to_an_unknown_stream_names_the_known_ones(self):
        host = self.movies()
        host.run("put", "movis", code=65, data=b"{}\n")
        self.assertIn("movies", host.stderr)
        host.run("put", "movies", "/nonexistent.ndjson", code=65)

    def test_put_and_peek(self):
        host = self.movies()
        self.assertEqual(host.run("put", "movies", "--key", "k", data=b'{"a":1}\n\n{"a":2}'), "2 records appended to movies\n")
        self.assertEqual(host.run("peek", "movies"), '{"a":1}\n{"a":2}\n')
        self.assertEqual(host.run("peek", "movies", "-n", 1), '{"a":2}\n')
        record = json.loads(host.run("peek", "movies", "-n", 1, "--json"))
        self.assertEqual((record["offset"], record["key"], record["value"], record["headers"]), (1, "k", '{"a":2}', []))
        host.run("peek", "nothing", code=65)

    def test_peek_follows(self):
        host = self.movies()
        host.put("movies", [b"1"])
        with subprocess.Popen([BINARY, "peek", "movies", "--follow", "-c", host.config], stdout=subprocess.PIPE,
                              text=True) as peek:
            self.assertEqual(peek.stdout.readline(), "1\n")
            host.put("movies", [b"2"])
            self.assertEqual(peek.stdout.readline(), "2\n")
            peek.kill()

    def test_ls(self):
        host = self.movies()
        text = host.run("ls")
        for word in ("movies", "to_release", "recover_movie", "MovieDLQ", "releases"):
            self.assertIn(word, text)
        self.assertEqual(host.function("to_release")["lag"], 0)

    def test_what_a_file_does_when_it_is_loaded_is_no_matter_to_those_who_look(self):
        host = self.movies()
        bad = host.drop(BUILD / "bad_plugins/constructor_segv/constructor_segv.so")
        plugins = {p["plugin"]: p for p in host.run_json("ls")["plugins"]}
        self.assertEqual(plugins["movies"]["state"], "running")
        self.assertIn("probe: ", next(p["reason"] for p in plugins.values() if p["state"] != "running"))
        host.run("check", "--offline", code=1)
        self.assertIn("constructors that return", host.stderr)
        done = eddy("plugin", "inspect", bad)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("probe: expected constructors that return", done.stderr)

    def test_inspect(self):
        plugin = BUILD / "plugins/movies.so"
        note = eddy("plugin", "inspect", plugin, "--note")
        self.assertEqual(note.returncode, 0, note.stderr)
        self.assertIn("abi: 1.0", note.stdout)
        self.assertNotIn("to_release", note.stdout)
        whole = json.loads(eddy("plugin", "inspect", plugin, "--json").stdout)
        self.assertIn("to_release", [function["name"] for function in whole["manifest"]["functions"]])
        refused = eddy("plugin", "inspect", MOVIES)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("movies.ndjson", refused.stderr)

    def test_plugin_test(self):
        plugin = BUILD / "plugins/movies.so"
        lines = MOVIES.read_text().splitlines(keepends=True)
        good = eddy("plugin", "test", plugin, "--function", "to_release", data="".join(lines[:2]))
        self.assertEqual(good.returncode, 0, good.stderr)
        self.assertEqual(good.stdout.count("releases: {"), 2)
        bad = eddy("plugin", "test", plugin, "--function", "to_release", "--json", data=lines[0] + '{"Title":"x"}\n')
        self.assertEqual(bad.returncode, 1)
        out = [json.loads(line) for line in bad.stdout.splitlines()]
        self.assertIn("output", out[0])
        letter = out[1]["dead_letter"]
        self.assertIn("ValidationError", letter)
        recovered = eddy("plugin", "test", plugin, "--function", "recover_movie", data=letter + "\n")
        self.assertEqual(recovered.returncode, 0, recovered.stderr)  # skipped: it has no gross
        self.assertEqual(eddy("plugin", "test", plugin, "--function", "nope", data="").returncode, 64)

    def test_plugin_test_golden(self):
        host = self.host("dead_letter_queues: { '*': { format: raw } }\n")
        test = ["plugin", "test", BUILD / "plugins/events.so", "--function", "process_event", "--golden", host.folder / "expected",
                "-c", host.config]
        records = ('{"user_id":"u","action":"a","timestamp":1}\n{"user_id":"","action":"a","timestamp":1}\n'
                   'no JSON\n')
        ignore = ["--ignore", "/processed_at"]
        missing = eddy(*test, data=records)
        self.assertEqual(missing.returncode, 65)
        self.assertIn("--update-golden", missing.stderr)
        self.assertEqual(eddy(*test, *ignore, "--update-golden", data=records).returncode, 0)
        lines = [json.loads(line) for line in (host.folder / "expected").read_text().splitlines()]
        self.assertEqual(lines[0], {"record": 1, "stream": "processed_events",
                                    "output": {"user_id": "u", "action": "a", "is_valid": True}})
        self.assertEqual(lines[1], {"record": 2, "dead_letter": {
            "error_type": "std::invalid_argument", "error_message": "Invalid user_id: cannot be empty", "source": "transform",
            "attempts": 1, "original_encoding": "json", "original_record": {"user_id": "", "action": "a", "timestamp": 1}}})
        self.assertEqual(lines[2]["dead_letter"]["original_record"], "no JSON")
        same = eddy(*test, *ignore, data=records)
        self.assertEqual((same.returncode, same.stdout), (0, ""))
        fewer = eddy(*test, *ignore, data=records.replace('"u"', '"v"', 1).replace("no JSON\n", ""))
        self.assertEqual(fewer.returncode, 1)
        self.assertIn('record 1: {"user_id":"v"', fewer.stdout)
        self.assertIn('\n  - {"record":1,"output":{"user_id":"u"', fewer.stdout)
        self.assertIn('\n  + {"record":1,"output":{"user_id":"v"', fewer.stdout)
        self.assertIn('\nrecord 3\n  - {"record":3,', fewer.stdout)
        self.assertNotIn("record 2", fewer.stdout)
        self.assertEqual(eddy(*test, *ignore, data=records.replace("1}", "2}", 1)).returncode, 0)

    def test_plugin_test_golden_folder_and_endings(self):
        host = self.host()
        golden = host.folder / "golden"
        test = ["plugin", "test", BUILD / "plugins/movies.so", "--function", "recover_movie", "--golden", f"{golden}/"]
        letter = ('{"original_record":{},"error_message":"m","error_type":"t","failed_at":"2024-01-01T00:00:00Z",'
                  '"source":"transform","original_encoding":"json"}\n')
        self.assertEqual(eddy(*test, "--update-golden", data=letter).returncode, 0)
        self.assertEqual((golden / "recover_movie.golden.ndjson").read_text(), '{"record":1,"ended":"filtered"}\n')
        self.assertEqual(eddy(*test, data=letter).returncode, 0)
        (golden / "recover_movie.golden.ndjson").write_text("{}\n")
        damaged = eddy(*test, data=letter)
        self.assertEqual(damaged.returncode, 65)
        self.assertIn('recover_movie.golden.ndjson:1: no "record"', damaged.stderr)
        self.assertEqual(eddy(*test, "--ignore", "x", data="").returncode, 64)
        self.assertEqual(eddy(*test[:-2], "--update-golden", data="").returncode, 64)

    def test_dlq(self):
        host = self.movies()
        host.run("put", "movies", MOVIES)
        host.run("run", "--until-idle")
        queues = {queue["queue"]: queue for queue in host.run_json("dlq", "ls")["queues"]}
        movies = queues["MovieDLQ"]
        self.assertEqual((movies["letters"], movies["open"], movies["recovered"], movies["waiting"]), (37, 8, 29, 0))
        self.assertEqual(queues["eddy_dead_letters"]["letters"], 0)
        groups = host.run_json("dlq", "groups", "MovieDLQ", "--state", "all")["groups"]
        self.assertEqual(sum(group["count"] for group in groups), 37)
        self.assertEqual([group["count"] for group in groups], sorted((g["count"] for g in groups), reverse=True))
        sample = groups[0]["samples"][0]
        text = host.run("dlq", "show", sample[:10])
        self.assertIn(sample, text)
        self.assertIn("original:", text)
        host.run("dlq", "show", "ffffffffffffffffffffffff", code=65)
        host.run("dlq", "groups", "nothing", code=65)
        self.assertEqual(len(host.peek("MovieDLQ")), 37)  # looking has consumed nothing

    def test_second_host_is_refused(self):
        host = self.movies().start()
        host.run("run", code=69)
        self.assertIn(str(host.process.pid), host.stderr)
        host.stop()

    def test_hangup_reloads_and_a_bad_file_changes_nothing(self):
        host = self.movies().start()
        host.configure("functions: { to_release: { timeout_ms: 20000 } }\n")
        host.process.send_signal(signal.SIGHUP)
        wait_for("the reload", lambda: "reloaded from" in host.log_text())
        host.configure("nonsense: true\n")
        host.process.send_signal(signal.SIGHUP)
        wait_for("the refusal", lambda: "not reloaded" in host.log_text())
        host.configure()
        host.run("put", "movies", MOVIES)
        host.wait_idle()
        self.assertEqual(host.function("to_release")["delivered"], 3164)
        host.stop()

    def test_json_log(self):
        host = self.movies("log: { format: json }\n").start()
        host.stop()
        for line in host.log_text().splitlines():
            self.assertIn("message", json.loads(line))

    def test_removed_and_returned_plugin_goes_on_where_it_was(self):
        host = self.movies().start()
        host.put("movies", MOVIES.read_bytes().splitlines()[:100])
        host.wait_idle()
        os.unlink(host.plugins / "movies.so")
        wait_for("the removal", lambda: host.metric("eddy_plugin_loads_total", plugin="movies", result="removed") == 1)
        host.put("movies", MOVIES.read_bytes().splitlines()[100:200])
        host.drop(BUILD / "plugins/movies.so")
        wait_for("it runs again", lambda: sum(host.function("to_release")[k] for k in
                                               ("delivered", "filtered", "dead_lettered")) == 200)
        host.stop()
