# SPDX-License-Identifier: Apache-2.0
"""SASL over TLS with a certificate authority of one's own, all by settings; and passwords are never shown."""

import pathlib
import subprocess
import tempfile

from eddy import BUILD, wait_for
from kafka import PATIENCE, KafkaTest, settings

PASSWORD = "correct-horse-battery"


def certificates(folder):
    """ca.pem, and server.pem: key and certificate of 127.0.0.1."""

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test authority", "-keyout", "ca.key",
            "-out", "ca.pem")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=broker", "-keyout", "server.key", "-out", "server.csr")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "names", "-out", "server.crt")
    (folder / "server.pem").write_text((folder / "server.key").read_text() + (folder / "server.crt").read_text())


class Secure(KafkaTest):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        folder = pathlib.Path(scratch.name)
        certificates(folder)
        self.broker = self.cluster(protocol="SASL_SSL", config={
            "listener.name.client.ssl.keystore.type": "PEM",
            "listener.name.client.ssl.keystore.location": folder / "server.pem",
            "listener.name.client.sasl.enabled.mechanisms": "PLAIN",
            "listener.name.client.plain.sasl.jaas.config":
                f'org.apache.kafka.common.security.plain.PlainLoginModule required user_eddy="{PASSWORD}";'})
        self.broker.client = {"security.protocol": "SASL_SSL", "ssl.ca.location": str(folder / "ca.pem"),
                              "sasl.mechanism": "PLAIN", "sasl.username": "eddy", "sasl.password": PASSWORD}
        # Its first handshake may take a broker longer than a host waits for an answer.
        wait_for("clients are let in", lambda: self.broker.kcat("-L").returncode == 0, PATIENCE)

    def test_works_and_keeps_its_secret(self):
        host = self.host(settings(self.broker, "log: { level: debug }\n", properties={"debug": "security,broker"}))
        host.drop(BUILD / "test_plugins/copy.so")
        shown = host.run("check") + host.stderr
        host.start()
        host.put("copy_in", [b"one", b"two"])
        wait_for("the copies", lambda: self.broker.values("copy_out") == [b"one", b"two"], PATIENCE)
        shown += host.run("ls") + host.run("ls", "--json") + host.run("check", "--json") + host.stderr
        for page in ("/metrics", "/readyz", "/"):
            shown += host.get(page)[1]
        host.stop()
        shown += host.log_text(whole=True)
        self.assertNotIn(PASSWORD, shown)

    def test_wrong_password_is_said_and_not_shown(self):
        self.broker.client["sasl.password"] = "wrong-horse-battery"
        host = self.host(settings(self.broker))
        host.drop(BUILD / "test_plugins/copy.so")
        shown = host.run("check", code=69) + host.stderr
        self.assertIn("uthentication", shown)
        self.assertNotIn("wrong-horse", shown)

    def test_unknown_authority_is_said(self):
        del self.broker.client["ssl.ca.location"]
        host = self.host(settings(self.broker))
        host.drop(BUILD / "test_plugins/copy.so")
        shown = host.run("check", code=69) + host.stderr
        self.assertRegex(shown, "(?i)certificate")
