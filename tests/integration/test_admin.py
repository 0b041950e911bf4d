# SPDX-License-Identifier: Apache-2.0
"""The admin listener: who may do what, pages of others, TLS, the audit log, and an API that is what it says."""

import hashlib
import itertools
import json
import signal
import ssl
import subprocess
import unittest

from certificates import make_certificates
from eddy import BINARY, BUILD, MOVIES, HostTest, wait_for

try:
    import openapi_spec_validator
except ImportError:
    openapi_spec_validator = None
try:
    import jsonschema
except ImportError:
    jsonschema = None

ON_PAGES = {"X_Eddy_Request": "1"}
ROLLBACK = "/api/v1/plugins/movies/rollback"
# What stands for a path's named segments when every route is called.
SEGMENTS = {"name": "movies", "queue": "eddy_dead_letters", "id": "no-such-thing"}


def token_entry(name, *rights):
    """A token and its entry in the configuration."""
    text = f"eddy_{name}-of-this-test"
    digest = hashlib.sha256(text.encode()).hexdigest()
    return text, f"{{ name: {name}, hash: 'sha256:{digest}', rights: [{', '.join(rights)}] }}"


VIEW, VIEW_ENTRY = token_entry("viewer", "view")
OPERATE, OPERATE_ENTRY = token_entry("ann", "view", "operate")
TOKENS = f"admin:\n  listen: '127.0.0.1:0'\n  tokens: [{VIEW_ENTRY}, {OPERATE_ENTRY}]\n"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


class AdminTest(HostTest):
    def running(self, settings=""):
        host = self.host(settings)
        host.drop(BUILD / "plugins/movies.so")
        return host.start()

    def roll_back(self, host, **headers):
        """The status of going back. A host that has not come to it in time answers 503, and is asked again."""
        def answered():
            status = host.ask("POST", ROLLBACK, **ON_PAGES, **headers)[0]
            return status != 503 and status
        return wait_for("the host comes to it", answered)

    def entries(self, host, **headers):
        status, text = host.get("/api/v1/audit", **headers)
        self.assertEqual(status, 200, text)
        return json.loads(text)["entries"]


class Access(AdminTest):
    def test_tokens_have_rights(self):
        host = self.running(TOKENS)
        for path in ("/healthz", "/readyz"):
            self.assertEqual(host.get(path)[0], 200, path)
        for path in ("/metrics", "/api/v1/plugins", "/api/v1/overview", "/api/v1/audit", "/api/v1/openapi.json"):
            self.assertEqual(host.get(path)[0], 401, path)
            self.assertEqual(host.get(path, Authorization="Bearer nobody's")[0], 401, path)
            self.assertEqual(host.get(path, **bearer(VIEW))[0], 200, path)
        self.assertEqual(host.ask("POST", ROLLBACK, **ON_PAGES)[0], 401)
        status, text = host.ask("POST", ROLLBACK, **ON_PAGES, **bearer(VIEW))
        self.assertEqual(status, 403)
        self.assertIn("viewer does not have the right operate", json.loads(text)["error"])
        self.assertEqual(self.roll_back(host, **bearer(OPERATE)), 409, "nothing to go back to")

    def test_the_command_line_shows_its_token(self):
        host = self.running(TOKENS)
        admin = host.admin_url().removeprefix("http://")
        host.run("plugin", "ls", "--admin", admin, code=64)
        self.assertIn("--token-file", host.stderr)
        secret = host.folder / "token"
        secret.write_text(OPERATE + "\n")
        self.assertIn("movies", host.run("plugin", "ls", "--admin", admin, "--token-file", secret))
        host.order("rollback", "movies", "--admin", admin, "--token-file", secret, code=1)
        host.run("plugin", "ls", "--admin", admin, "--token-file", host.folder / "missing", code=64)
        last = self.entries(host, **bearer(VIEW))[0]
        self.assertEqual([last["who"], last["from"], last["outcome"], last["status"]], ["ann", "127.0.0.1", "failed", 409])
        self.assertEqual(last["parameters"], {"name": "movies"})
        for file in (host.log, host.folder / "data/audit.ndjson"):
            self.assertNotIn(OPERATE, file.read_text())

    def test_a_token_that_the_tool_makes_opens(self):
        host = self.host()
        made = json.loads(subprocess.run([BINARY, "token", "new", "--admin", "bob", "--right", "view", "--json"], check=True,
                                          capture_output=True).stdout)
        self.assertEqual(made["entry"]["rights"], ["view"])
        host.configure(f"admin: {{ listen: '127.0.0.1:0', tokens: [{json.dumps(made['entry'])}] }}\n")
        host.start()
        self.assertEqual(host.get("/metrics", **bearer(made["token"]))[0], 200)

    def test_guessing_is_slowed_down(self):
        host = self.running(TOKENS)
        guesses = (host.get("/api/v1/plugins", **bearer(f"guess-{i}"))[0] for i in itertools.count())
        self.assertEqual(next(guesses), 401)
        # However many go through on a slow machine: one a second is allowed for.
        wait_for("a guess that has to wait", lambda: next(guesses) == 429)

    def test_tokens_change_with_a_reload(self):
        host = self.running(TOKENS)
        new, entry = token_entry("new", "view")
        host.configure(f"admin: {{ listen: '127.0.0.1:0', tokens: [{entry}] }}\n")
        host.process.send_signal(signal.SIGHUP)
        wait_for("the new token", lambda: host.get("/metrics", **bearer(new))[0] == 200)
        self.assertEqual(host.get("/metrics", **bearer(VIEW))[0], 401)

    def test_pages_of_others_are_refused(self):
        host = self.running()
        own = host.admin_url()
        port = own.rsplit(":", 1)[1]
        for headers in ({"Origin": "http://evil.example"}, {"Host": f"evil.example:{port}"}, {"Sec_Fetch_Site": "cross-site"}):
            for method, path in (("GET", "/api/v1/overview"), ("POST", ROLLBACK)):
                self.assertEqual(host.ask(method, path, **ON_PAGES, **headers)[0], 403, f"{method} {headers}")
            self.assertEqual(host.get("/healthz", **headers)[0], 200)
        self.assertEqual(host.ask("POST", ROLLBACK, Content_Type="text/plain")[0], 403)
        self.assertEqual(host.get("/api/v1/overview", Origin=own)[0], 200)
        self.assertEqual([entry["status"] for entry in self.entries(host)], [], "nothing of it was begun")

    def test_beyond_loopback_only_with_credentials(self):
        host = self.host("admin: { listen: '0.0.0.0:0' }\n")
        for command in ("check", "run"):
            host.run(command, code=78)
            self.assertIn("admin.listen: expected a loopback address", host.stderr)
            self.assertIn("eddy token new --admin", host.stderr)
        host.configure(TOKENS.replace("127.0.0.1", "0.0.0.0"))
        host.start()
        self.assertEqual(host.get("/metrics")[0], 401)
        host.configure("admin: { listen: '0.0.0.0:0' }\n")
        host.process.send_signal(signal.SIGHUP)
        wait_for("the reload is refused", lambda: "not reloaded" in host.log_text())
        self.assertEqual(host.get("/metrics")[0], 401, "what ran goes on")


class Tls(AdminTest):
    def secure(self, certificates, rest=""):
        host = self.host()
        make_certificates(host.folder)
        place = host.folder
        host.configure(f"admin:\n  listen: '0.0.0.0:0'\n  tls: {{ certificate: {place}/server.pem, key: {place}/server.key, "
                       f"client_ca: {place}/ca.pem, client_certificates: {certificates}, rights: [view, operate] }}\n{rest}")
        host.drop(BUILD / "plugins/movies.so")
        host.tls = ssl.create_default_context(cafile=place / "ca.pem")
        host.tls.check_hostname = False  # it is asked at 0.0.0.0
        return host.launch()

    def show(self, host, name):
        host.tls.load_cert_chain(host.folder / f"{name}.pem", host.folder / f"{name}.key")

    def test_a_required_certificate_is_the_only_way_in(self):
        host = self.secure("required")
        wait_for("the listener", host.admin_url)
        self.assertTrue(host.admin_url().startswith("https://"))
        self.assertEqual(host.get("/healthz")[0], 0, "no certificate, no answer")
        self.show(host, "client")
        wait_for("ready", lambda: host.get("/readyz")[0] == 200)
        self.assertEqual(self.roll_back(host), 409)
        self.assertIn("client", self.entries(host)[0]["who"])

    def test_an_optional_one_stands_in_for_a_token(self):
        host = self.secure("optional", f"  tokens: [{VIEW_ENTRY}]\n")
        wait_for("ready", lambda: host.get("/readyz")[0] == 200)
        self.assertEqual(host.get("/metrics")[0], 401)
        self.assertEqual(host.get("/metrics", **bearer(VIEW))[0], 200)
        self.show(host, "client")
        self.assertEqual(host.get("/metrics")[0], 200)

    def test_the_command_line_comes_by_tls(self):
        host = self.secure("required")
        self.show(host, "client")
        wait_for("ready", lambda: host.get("/readyz")[0] == 200)
        port = host.admin_url().rsplit(":", 1)[1]
        place = host.folder
        shown = ["--certificate", place / "client.pem", "--key", place / "client.key"]
        self.assertIn("movies", host.run("plugin", "ls", "--admin", f"https://127.0.0.1:{port}", "--ca", place / "ca.pem", *shown))
        host.run("plugin", "ls", "--admin", f"https://127.0.0.1:{port}", *shown, code=69)  # nobody here knows the authority
        host.run("plugin", "ls", "--admin", f"https://127.0.0.1:{port}", "--ca", place / "ca.pem", code=69)
        host.run("plugin", "ls", "--admin", f"127.0.0.1:{port}", code=69)


class Audit(AdminTest):
    def test_commands_that_write_are_in_it(self):
        host = self.running()
        host.put("movies", [b"{}", b"{}"])
        entry = self.entries(host)[0]
        self.assertEqual([entry["action"], entry["from"], entry["outcome"], entry["result"]],
                         ["eddy put", "command line", "done", "2 records"])
        self.assertTrue(entry["who"].startswith("user "))
        self.assertEqual(entry["parameters"]["stream"], "movies")
        lines = [json.loads(line) for line in (host.folder / "data/audit.ndjson").read_text().splitlines()]
        self.assertEqual([line["outcome"] for line in lines], ["asked", "done"])
        self.assertEqual(len({line["id"] for line in lines}), 1)
        self.assertEqual((host.folder / "data/audit.ndjson").stat().st_mode & 0o777, 0o600)

    def test_what_cannot_be_written_down_is_not_done(self):
        host = self.running()
        (host.folder / "data/audit.ndjson").mkdir()
        status, text = host.ask("POST", ROLLBACK, **ON_PAGES)
        self.assertEqual(status, 503)
        self.assertIn("nothing was done, as it cannot be recorded", json.loads(text)["error"])
        before = host.peek_or_none("movies")
        host.run("put", "movies", data=b"{}\n", code=69)
        self.assertEqual(host.peek_or_none("movies"), before)
        self.assertEqual(host.get("/api/v1/plugins")[0], 200, "reading goes on")


class Api(AdminTest):
    @unittest.skipIf(openapi_spec_validator is None, "pip install openapi-spec-validator")
    def test_a_validator_of_others_accepts_the_document(self):
        for settings in ("", TOKENS):
            host = self.running(settings)
            document = json.loads(host.get("/api/v1/openapi.json", **bearer(VIEW))[1])
            openapi_spec_validator.validate(document)
            self.assertEqual("securitySchemes" in document["components"], bool(settings))

    @unittest.skipIf(jsonschema is None, "needs python3-jsonschema")
    def test_every_route_answers_as_it_is_described(self):
        host = self.running()
        host.put("movies", MOVIES.read_bytes().splitlines()[:50] + [b"no JSON"])
        host.wait_idle()
        document = json.loads(host.get("/api/v1/openapi.json")[1])
        called = set()
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                self.call(host, document, path, method, operation)
                called.add(f"{method.upper()} {path}")
        status, text = host.get("/api/v1/nowhere")
        self.assertEqual(status, 404)
        self.assertEqual(set(json.loads(text)["routes"]), called, "what is served is what is described")

    def call(self, host, document, path, method, operation):
        url = path
        for name, value in SEGMENTS.items():
            url = url.replace("{" + name + "}", value)
        self.assertNotIn("{", url, "a segment that the test has no value for")
        body = {} if "requestBody" in operation else None
        status, text = host.ask(method.upper(), url, body, **ON_PAGES)
        self.assertIn(str(status), operation["responses"], f"{method} {url}: {text}")
        response = operation["responses"][str(status)]
        while "$ref" in response:
            response = document["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
        for kind, content in response["content"].items():
            shown = json.loads(text) if kind == "application/json" else text
            schema = {"components": document["components"], **content["schema"]}
            try:
                jsonschema.Draft202012Validator(schema).validate(shown)
            except jsonschema.ValidationError as error:
                self.fail(f"{method} {url}: {error.message} at {list(error.absolute_path)}")
        self.assertEqual(host.ask("DELETE", url, **ON_PAGES)[0], 405)
        wrong = host.ask(method.upper(), url + "?no_such_key=1", body, **ON_PAGES)
        self.assertEqual(wrong[0], 400, f"{method} {url}: {wrong[1]}")

    def test_streams_are_read_and_not_consumed(self):
        host = self.running()
        films = MOVIES.read_bytes().splitlines()[:30]
        host.put("movies", films + [b"\xff\xfe"])
        host.wait_idle()
        before = host.function("parse_movie") if any(f["function"] == "parse_movie" for f in host.run_json("ls")["functions"]) else None
        page = lambda query: self.page(host, query)
        all_of = page("offset=0&limit=1000")
        self.assertEqual([record.pop("masked") for record in all_of["records"]], [False] * 31)
        self.assertEqual(all_of["records"], host.peek("movies"), "as `eddy peek --json` shows them")
        self.assertEqual(all_of["records"][-1]["value"], {"base64": "//4="})
        self.assertEqual(all_of["records"][0]["key"], None)
        first, second = page("offset=0&limit=2"), page("offset=2&limit=2")
        self.assertEqual(first["next"], 2)
        for record in first["records"] + second["records"]:
            del record["masked"]
        self.assertEqual(first["records"] + second["records"], all_of["records"][:4])
        self.assertEqual(page("limit=1")["records"][0]["offset"], 30, "the newest")
        self.assertEqual(len(page("offset=0&bytes=1")["records"]), 1, "one record always")
        self.assertEqual(host.get("/api/v1/streams/movies/records?partition=99")[0], 404)
        self.assertEqual(host.get("/api/v1/streams/nowhere/records")[0], 404)
        self.assertEqual(host.get("/api/v1/streams/movies/records?limit=0")[0], 400)
        if before:
            self.assertEqual(host.function("parse_movie"), before)
        streams = json.loads(host.get("/api/v1/streams")[1])["streams"]
        self.assertEqual(streams, host.run_json("ls")["streams"])

    def page(self, host, query, stream="movies", **headers):
        status, text = host.get(f"/api/v1/streams/{stream}/records?{query}", **headers)
        self.assertEqual(status, 200, text)
        return json.loads(text)

    def test_what_redact_names_is_masked_in_streams(self):
        host = self.running(TOKENS.replace("rights: [view, operate]", "rights: [view, operate, reveal]")
                            + "functions: { \"*\": { redact: [/title] } }\n")
        host.put("movies", [b'{"title": "a hidden title", "year": "no number"}'])
        host.wait_idle()
        status, text = host.ask("POST", "/api/v1/queues/MovieDLQ/redrives", {"rate": 1}, **bearer(OPERATE))
        self.assertEqual(status, 202, text)
        sent = "to_release.redrive"
        wait_for("it is sent back", lambda: host.peek_or_none(sent))
        for stream in ("movies", "MovieDLQ", sent):
            for shown in (host.run("peek", stream), host.run("peek", stream, "--json")):
                self.assertIn("***" if stream == "movies" or shown[0] != "{" else '"masked":true', shown)
                self.assertNotIn("a hidden title", shown)
            self.assertIn("a hidden title", host.run("peek", stream, "--reveal"))
            seen = self.page(host, "offset=0", stream, **bearer(VIEW))["records"]
            self.assertTrue(seen[0]["masked"])
            self.assertNotIn("a hidden title", json.dumps(seen))
            path = f"/api/v1/streams/{stream}/records?offset=0&reveal=true"
            self.assertEqual(host.get(path, **bearer(VIEW))[0], 403)
            self.assertIn("a hidden title", host.get(path, **bearer(OPERATE))[1])
        revealed = [entry for entry in self.entries(host, **bearer(VIEW)) if entry["parameters"].get("reveal") == "true"]
        self.assertEqual([entry["outcome"] for entry in revealed], ["done", "refused"] * 3)
        peeked = [entry for entry in self.entries(host, **bearer(VIEW)) if entry["action"] == "eddy peek"]
        self.assertEqual([entry["parameters"]["stream"] for entry in peeked], [sent, "MovieDLQ", "movies"])
        self.assertNotIn("a hidden title", (host.folder / "data/audit.ndjson").read_text())

    def test_the_overview_says_what_is_wrong_first(self):
        host = self.running()
        host.put("movies", MOVIES.read_bytes().splitlines()[:50] + [b"no JSON"])
        host.wait_idle()
        overview = lambda: json.loads(host.get("/api/v1/overview")[1])
        ls = {f["function"]: f for f in host.run_json("ls")["functions"]}
        failed = sum(f["dead_lettered"] for f in ls.values())
        self.assertGreater(failed, 0)
        # Each worker counts after its commit, and what it delivered before what it did not.
        self.assert_becomes(lambda: {f["function"]: f["since_start"]["delivered"] for f in overview()["functions"]},
                            {name: f["delivered"] for name, f in ls.items()}, "what each function delivered")
        seen = wait_for("the counters", lambda: (now := overview())["since_start"]["dead_lettered"] == failed and now)
        self.assertTrue(seen["ready"])
        self.assertEqual(list(seen)[:2], ["ready", "troubles"])
        self.assertEqual({f["function"] for f in seen["functions"]}, set(ls))
        for function in seen["functions"]:
            self.assertEqual(function["since_start"]["delivered"], ls[function["function"]]["delivered"])
            self.assertEqual([function["runs"], function["breaker"], function["lag"]], [True, "closed", 0])
        self.assertEqual([p["plugin"] for p in seen["plugins"]], ["movies"])
        (host.plugins / "broken.so").write_bytes(b"no plugin")
        warned = wait_for("the refused plugin", lambda: (now := overview())["warnings"] and now)
        self.assertIn("broken", warned["warnings"][0])
        (host.plugins / "broken.so").unlink()
        wait_for("no warning", lambda: not overview()["warnings"])
        host.drop(host.config, "movies.so")
        warned = wait_for("the refused replacement", lambda: (now := overview())["warnings"] and now)
        self.assertRegex(warned["warnings"][0], "plugin movies: running: .*movies.so: .*loaded before, goes on")
        self.assertEqual(host.metric("eddy_plugin_loads_total", plugin="movies", result="refused"), 1)

    def test_the_topology_is_a_graph(self):
        host = self.running()
        graph = json.loads(host.get("/api/v1/topology")[1])
        ids = [node["id"] for node in graph["nodes"]]
        self.assertEqual(len(ids), len(set(ids)))
        for edge in graph["edges"]:
            self.assertIn(edge["from"], ids)
            self.assertIn(edge["to"], ids)
        functions = {f["function"]: f for f in host.run_json("ls")["functions"]}
        reads = {(edge["from"].split(":", 1)[1], edge["to"]) for edge in graph["edges"] if edge["kind"] == "reads"}
        self.assertEqual(reads, {(f["source"], f"function:{name}") for name, f in functions.items()})


if __name__ == "__main__":
    unittest.main()
