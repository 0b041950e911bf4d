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
import time
import urllib.request

from eddy import BUILD, HostTest, wait_for

SECRET = "the secret of this test"
SILENCE_MS = 120_000  # that a server is allowed: an answer that comes later is asked for again


class Receiver:
    """An HTTP server that remembers what it is told, one request after another. `answers`: statuses of its first
    answers, then 204."""

    def __init__(self, test, answers=(), certificate=None):
        self.told, self.answers = [], list(answers)
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                size = int(self.headers["Content-Length"])
                body = self.rfile.read(size)
                if len(body) < size:  # of a host that was killed
                    return
                receiver.told.append((self.path, self.headers, body))
                status = receiver.answers.pop(0) if receiver.answers else 204
                self.send_response(status)
                if status in (301, 302, 307):
                    self.send_header("Location", receiver.url + "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self):
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
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

    def settle(self):
        """Whatever was sent to it before now has been told when this is answered."""
        urllib.request.urlopen(self.url, timeout=300).close()

    def notices(self):
        return [json.loads(body) for _, _, body in self.told]


class Webhooks(HostTest):
    def telling(self, url, **keys):
        return f"webhooks: {json.dumps({'chat': {'url': url, 'secret': SECRET, 'timeout_ms': SILENCE_MS, **keys}})}\n"

    def host_telling(self, url, **keys):
        host = self.host(self.telling(url, **keys))
        host.drop(BUILD / "test_plugins/kinds.so")
        host.start()
        wait_for("the plugin", lambda: host.metric("eddy_plugin_state", state="running"))
        return host

    def told(self, host, result):
        return host.metric("eddy_push_total", target="webhook chat", result=result)

    def kept(self, host):
        file = host.folder / "data/webhooks.json"
        return json.loads(file.read_text()) if file.exists() else {}

    def wait_looked_at(self, host, letters):
        """So many have been looked at, and nothing waits to be told."""
        def looked_at():
            kept = self.kept(host)
            queue = kept.get("queues", {}).get("KindsDLQ", {"next": {}})
            return sum(queue["next"].values()) == letters and not kept["waiting"]

        wait_for("all letters are looked at", looked_at, 300)

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
        # Windows begin at multiples of their length: of this one so much is left that the test does not see the next.
        now = time.time() / 60
        minutes = max(range(30, 70), key=lambda length: length - now % length)
        rate = {"min_per_minute": 100, "window_ms": minutes * 60_000}
        host = self.host_telling(receiver.url, on=["rate"], rate=rate)
        host.put("kinds_in", [b"a"] * 20)  # in such a window that is less than a letter a minute
        host.wait_idle()
        host.put("kinds_in", [b"a"] * 7000)
        wait_for("it is told", lambda: self.told(host, "sent") == 1)
        notice, = receiver.notices()
        self.assertEqual((notice["event"], notice["queue"], notice["rate"]["per_minute"]), ("rate", "KindsDLQ", 100))
        host.put("kinds_in", [b"a"] * 7000)
        self.wait_looked_at(host, 14_020)
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
        wait_for("it is said", lambda: "was not taken: answered 302" in host.log_text())
        self.assertNotIn(SECRET, host.log_text(whole=True))
        host.stop()

    def test_what_nobody_has_taken_is_told_after_a_restart_or_a_crash(self):
        for end in ("stop", "kill"):
            with self.subTest(end):
                receiver = Receiver(self, answers=[503] * 1000)
                host = self.host_telling(receiver.url, on=["new_group"], max_attempts=20)
                host.put("kinds_in", [b"first"])
                wait_for("it was refused, and is kept", lambda: receiver.told and self.kept(host).get("waiting"))
                getattr(host, end)()
                receiver.settle()
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
        host = self.host_telling(receiver.url, on=["new_group"], max_attempts=20)
        host.put("kinds_in", [b"first"])
        wait_for("it was refused, and is kept", lambda: receiver.told and self.kept(host).get("waiting"))
        other = Receiver(self)
        host.configure(self.telling(other.url, on=["new_group"], max_attempts=20))
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
        wait_for("it is said", lambda: "certificate verify failed" in stranger.log_text())
        stranger.stop()

    def test_causes_without_end_are_told_a_few_times_and_counted(self):
        receiver = Receiver(self)
        host = self.host_telling(receiver.url, on=["new_group"], max_per_minute=5)
        begun = time.time() // 60
        host.put("kinds_in", [b"kind " + bytes([97 + i // 26, 97 + i % 26]) for i in range(600)])
        self.wait_looked_at(host, 600)
        minutes = time.time() // 60 - begun + 1
        wait_for("a few", lambda: self.told(host, "sent") >= 5)
        host.stop()
        self.assertLessEqual(len(receiver.told), 5 * minutes)

    def test_nobody_there_disturbs_nobody(self):
        host = self.host_telling("http://127.0.0.1:9/", on=["new_group", "rate"], max_attempts=1)
        host.put("kinds_in", [b"bad"] * 1000 + [b"good"])
        wait_for("it is not told", lambda: self.told(host, "failed") >= 1)
        host.wait_idle()
        self.assert_becomes(lambda: host.metric("eddy_records_total", function="kinds", outcome="delivered"), 1)
        self.assertEqual(host.get("/readyz")[0], 200)
        host.stop()
