# SPDX-License-Identifier: Apache-2.0
"""The ingest API beyond loopback: TLS, client certificates, tokens that come and go, limits."""

import base64
import hashlib
import http.client
import json
import signal
import ssl
import subprocess
import time
import unittest

from certificates import EC, make_certificates, openssl
from eddy import BUILD, MOVIES, HostTest, wait_for

def token(name):
    """A token and its entry in the configuration."""
    text = f"eddy_{name}-of-this-test"
    return text, f"    - {{ name: {name}, hash: 'sha256:{hashlib.sha256(text.encode()).hexdigest()}' }}\n"


class Secure(HostTest):
    def start(self, settings, rest=""):
        host = self.host()
        make_certificates(host.folder)
        host.configure(self.tls(host, settings) + rest)
        host.drop(BUILD / "plugins/movies.so")
        return host.start()

    def tls(self, host, settings):
        place = host.folder
        return (f"ingest:\n  listen: '127.0.0.1:0'\n  tls: {{ certificate: {place}/server.pem, key: {place}/server.key, "
                f"client_ca: {place}/ca.pem, client_certificates: {settings} }}\n")

    def send(self, host, certificate=None, **headers):
        """Status of one film, sent over TLS."""
        address = host.ingest_url().split("/")[2]
        context = ssl.create_default_context(cafile=host.folder / "ca.pem")
        if certificate:
            context.load_cert_chain(host.folder / f"{certificate}.pem", host.folder / f"{certificate}.key")
        connection = http.client.HTTPSConnection(address, context=context, timeout=30)
        try:
            film = MOVIES.read_bytes().splitlines()[0]
            connection.request("POST", "/ingest/movies", film, {"Content-Type": "application/json", **headers})
            return connection.getresponse().status
        finally:
            connection.close()

    def test_a_required_certificate_is_the_only_way_in(self):
        host = self.start("required")
        self.assertTrue(host.ingest_url().startswith("https://"))
        self.assertEqual(self.send(host, "client"), 200)
        with self.assertRaises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
            self.send(host)
        # Its own signature, not the authority's.
        openssl(host.folder, "req", "-x509", "-newkey", "ec", *EC, "-subj", "/CN=client", "-keyout", "fake.key", "-out",
                "fake.pem")
        with self.assertRaises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
            self.send(host, "fake")
        self.assertEqual(self.send(host, "client"), 200, "the host goes on")

    def test_an_optional_one_stands_in_for_a_token(self):
        text, entry = token("shop")
        host = self.start("optional", "  tokens:\n" + entry)
        self.assertEqual(self.send(host, "client"), 200)
        self.assertEqual(self.send(host), 401)
        self.assertEqual(self.send(host, Authorization=f"Bearer {text}"), 200)

    def test_tokens_change_with_a_reload(self):
        (old, old_entry), (new, new_entry) = token("old"), token("new")
        host = self.start("none", "  tokens:\n" + old_entry)
        statuses = lambda: [self.send(host, Authorization=f"Bearer {text}") for text in (old, new)]
        self.assertEqual(statuses(), [200, 401])
        for entries, expected in ((old_entry + new_entry, [200, 200]), (new_entry, [401, 200])):
            host.configure(self.tls(host, "none") + "  tokens:\n" + entries)
            host.process.send_signal(signal.SIGHUP)
            wait_for(f"{expected} after a reload", lambda: statuses() == expected)
        text = host.log_text() + json.dumps(host.run_json("ls"))
        self.assertNotIn(hashlib.sha256(new.encode()).hexdigest(), text)
        self.assertNotIn(new, text)

    def test_signed_tokens_of_an_issuer(self):
        host = self.host()
        openssl(host.folder, "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "issuer.key")
        openssl(host.folder, "pkey", "-in", "issuer.key", "-pubout", "-out", "issuer.pem")
        host.configure(f"ingest:\n  listen: '127.0.0.1:0'\n  jwt: {{ keys: [{host.folder}/issuer.pem], audience: eddy, "
                       "require_scope: true }\n")
        host.drop(BUILD / "plugins/movies.so")
        host.start()
        film = MOVIES.read_bytes().splitlines()[0]

        def status(algorithm="RS256", **claims):
            encode = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=").decode()
            claims = {"sub": "shop", "aud": "eddy", "exp": int(time.time()) + 3600, "scope": "eddy:ingest:mov*",
                      **claims}
            text = encode(json.dumps({"alg": algorithm}).encode()) + "." + encode(json.dumps(claims).encode())
            signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", host.folder / "issuer.key"],
                                       input=text.encode(), check=True, capture_output=True).stdout
            return host.post("movies", film, Authorization=f"Bearer {text}.{encode(signature)}")[0]

        self.assertEqual(status(), 200)
        self.assertEqual(status(algorithm="none"), 401)
        self.assertEqual(status(aud="other"), 401)
        self.assertEqual(status(exp=int(time.time()) - 3600), 401)
        self.assertEqual(status(scope="eddy:ingest:orders"), 403)
        self.assertEqual(status(scope=""), 403)

    def test_what_is_too_much_is_answered_429(self):
        host = self.host("ingest: { listen: '127.0.0.1:0', rate: { requests_per_second: 1, burst_s: 3600 } }\n")
        host.drop(BUILD / "plugins/movies.so")
        host.start()
        film = MOVIES.read_bytes().splitlines()[0]
        self.assertEqual(host.post("movies", film)[0], 200)
        host.stop()
        host.configure("ingest: { listen: '127.0.0.1:0', rate: { records_per_second: 1 } }\n")
        host.start()
        self.assertEqual(host.post("movies", b"[" + b",".join([film] * 3000) + b"]")[0], 200)
        status, answer = host.post("movies", film)
        self.assertEqual(status, 429)
        self.assertIn("try again in", answer["error"])

    def test_beyond_loopback_the_host_does_not_start_without(self):
        host = self.host("ingest: { listen: '0.0.0.0:0' }\n")
        host.launch()
        self.assertEqual(host.process.wait(60), 78)
        self.assertIn("beyond loopback everybody could send", host.log_text())
        host.process = None


if __name__ == "__main__":
    unittest.main()
