# SPDX-License-Identifier: Apache-2.0
"""Somebody is told of new causes and of rates, by a request that they can trust."""

import hashlib
import hmac
import http.server
import json
import signal
import ssl
import subprocess
import threading

from eddy import BUILD, HostTest, wait_for

SECRET = "the secret of this test"


class Receiver:
    """An HTTP server that remembers what it is told. `answers`: statuses of its first answers, then 204."""

    def __init__(self, test, answers=(), certificate=None):
        self.told, self.answers = [], list(answers)
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.told.append((self.path, self.headers, body))
                status = receiver.answers.pop(0) if receiver.answers else 204
                self.send_response(status)
                if status in (301, 302, 307):
                    self.send_header("Location", receiver.url + "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        scheme, host = "http", "127.0.0.1"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
            server.socket = context.wrap_socket(server.socket, server_side=True)
            scheme, host = "https", "localhost"
        self.url = f"{scheme}://{host}:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        test.addCleanup(server.server_close)
        test.addCleanup(server.shutdown)

    def notices(self):
        return [json.loads(body) for _, _, body in self.told]


class Webhooks(HostTest):
    def host_telling(self, url, **keys):
        keys = {"url": url, "secret": SECRET, **keys}
        host = self.host(f"webhooks: {json.dumps({'chat': keys})}\n")
        host.drop(BUILD / "test_plugins/kinds.so")
        host.start()
        wait_for("the plugin", lambda: host.metric("eddy_plugin_state", state="running"))
        return host

    def told(self, host, result):
        return host.metric("eddy_push_total", target="webhook chat", result=result)

    def kept(self, host):
        file = host.folder / "data/webhooks.json"
        return json.loads(file.read_text()) if file.exists() else {}

    def test_a_new_cause_once_and_signed_also_over_a_restart(self):
        receiver = Receiver(self)
        host = self.host_telling(receiver.url + "/hook?x=1", on=["new_group"])
        host.put("kinds_in", [b"first"] * 3)
        wait_for("it is told", lambda: self.told(host, "sent") == 1)
        path, headers, body = receiver.told[0]
        self.assertEqual((path, headers["Content-Type"]), ("/hook?x=1", "application/json"))
        notice = json.loads(body)
        self.assertEqual((notice["event"], notice["queue"]), ("new_group", "KindsDLQ"))
        letter = self.letters(host, "KindsDLQ")[0]
        self.assertEqual(notice["group"], {
            "fingerprint": letter["fingerprint"], "error_type": "first", "error_message": "it is of the kind first",
            "function": "kinds", "plugin": "kinds", "plugin_version": "1.0.0", "letter": letter["id"]})
        stamp, mac = (part.split("=", 1)[1] for part in headers["X-Eddy-Signature"].split(","))
        expected = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        self.assertEqual(mac, expected)

        host.put("kinds_in", [b"second", b"first"])
        wait_for("the other, too", lambda: self.told(host, "sent") == 2)
        host.stop()
        host.start()
        host.put("kinds_in", [b"first", b"second", b"third"])
        wait_for("the third alone", lambda: self.told(host, "sent") == 1)
        self.assertEqual([notice["group"]["error_type"] for notice in receiver.notices()], ["first", "second", "third"])
        self.assertEqual(len({notice["id"] for notice in receiver.notices()}), 3)
        host.stop()

    def test_a_rate_above_what_is_usual_once(self):
        receiver = Receiver(self)
        host = self.host_telling(receiver.url, on=["rate"], rate={"min_per_minute": 100, "window_ms": 3600000})
        host.put("kinds_in", [b"a"] * 20)  # in a window of an hour that is a third of a letter a minute
        host.wait_idle()
        host.put("kinds_in", [b"a"] * 7000)
        wait_for("it is told", lambda: self.told(host, "sent") == 1)
        notice, = receiver.notices()
        self.assertEqual((notice["event"], notice["queue"], notice["rate"]["per_minute"]), ("rate", "KindsDLQ", 100))
        host.put("kinds_in", [b"a"] * 7000)
        host.wait_idle()
        host.stop()
        self.assertEqual(len(receiver.told), 1)

    def test_tried_again_but_not_for_ever_and_no_redirect_is_followed(self):
        receiver = Receiver(self, answers=[503, 429, 204, 400, 302])
        host = self.host_telling(receiver.url, on=["new_group"], max_attempts=3)
        host.put("kinds_in", [b"first"])
        wait_for("the third attempt is taken", lambda: self.told(host, "sent") == 1)
        self.assertEqual(len(receiver.told), 3)
        self.assertEqual(len({body for _, _, body in receiver.told}), 1)
        host.put("kinds_in", [b"second"])
        wait_for("400 is final", lambda: self.told(host, "failed") == 1)
        host.put("kinds_in", [b"third"])
        wait_for("so is 302", lambda: self.told(host, "failed") == 2)
        self.assertEqual([path for path, _, _ in receiver.told], ["/"] * 5)
        self.assertIn("was not taken: answered 302", host.log_text())
        self.assertNotIn(SECRET, host.log_text(whole=True))
        host.stop()

    def test_what_nobody_has_taken_is_told_after_a_restart_or_a_crash(self):
        for end in ("stop", "kill"):
            with self.subTest(end):
                receiver = Receiver(self, answers=[503] * 1000)
                host = self.host_telling(receiver.url, on=["new_group"])
                host.put("kinds_in", [b"first"])
                wait_for("it was refused, and is kept", lambda: receiver.told and self.kept(host).get("waiting"))
                getattr(host, end)()
                receiver.answers.clear()
                tries = len(receiver.told)
                host.start()
                wait_for("it is told", lambda: self.told(host, "sent") == 1)
                self.assertEqual([notice["group"]["error_type"] for notice in receiver.notices()[tries:]], ["first"])
                wait_for("it waits no more", lambda: not self.kept(host)["waiting"])
                host.stop()
                host.start()
                host.put("kinds_in", [b"second"])
                wait_for("the second alone", lambda: self.told(host, "sent") == 1)
                self.assertEqual(len(receiver.told), tries + 2)
                host.stop()

    def test_what_nobody_has_taken_is_told_under_other_settings(self):
        receiver = Receiver(self, answers=[503] * 1000)
        host = self.host_telling(receiver.url, on=["new_group"])
        host.put("kinds_in", [b"first"])
        wait_for("it was refused, and is kept", lambda: receiver.told and self.kept(host).get("waiting"))
        other = Receiver(self)
        host.config.write_text(host.config.read_text().replace(receiver.url, other.url))
        host.process.send_signal(signal.SIGHUP)
        wait_for("the other is told", lambda: self.told(host, "sent") == 1)
        self.assertEqual([notice["group"]["error_type"] for notice in other.notices()], ["first"])
        self.assertEqual(self.told(host, "failed"), 0)
        host.stop()

    def test_https_is_held_against_the_certificate(self):
        folder = self.host().folder
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True)
        receiver = Receiver(self, certificate=folder)
        host = self.host_telling(receiver.url, on=["new_group"], ca_file=str(folder / "cert.pem"))
        host.put("kinds_in", [b"first"])
        wait_for("it is told", lambda: self.told(host, "sent") == 1)
        host.stop()
        stranger = self.host_telling(receiver.url, on=["new_group"], max_attempts=1)
        stranger.put("kinds_in", [b"first"])
        wait_for("it is not", lambda: self.told(stranger, "failed") == 1)
        self.assertEqual(len(receiver.told), 1)
        self.assertRegex(stranger.log_text(), "certificate verify failed")
        stranger.stop()

    def test_causes_without_end_are_told_a_few_times_and_counted(self):
        receiver = Receiver(self)
        host = self.host_telling(receiver.url, on=["new_group"], max_per_minute=5)
        host.put("kinds_in", [b"kind " + bytes([97 + i // 26, 97 + i % 26]) for i in range(600)])
        host.wait_idle()
        wait_for("a few", lambda: self.told(host, "sent") >= 5)
        host.stop()
        self.assertLessEqual(len(receiver.told), 10)  # the minute may have ended meanwhile

    def test_nobody_there_disturbs_nobody(self):
        host = self.host_telling("http://127.0.0.1:9/", on=["new_group", "rate"], max_attempts=1)
        host.put("kinds_in", [b"bad"] * 1000 + [b"good"])
        wait_for("it is not told", lambda: self.told(host, "failed") >= 1)
        host.wait_idle()
        self.assertEqual(host.metric("eddy_records_total", function="kinds", outcome="delivered"), 1)
        self.assertEqual(host.get("/readyz")[0], 200)
        host.stop()
