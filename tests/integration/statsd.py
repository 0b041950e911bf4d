# SPDX-License-Identifier: Apache-2.0
"""Prometheus' statsd_exporter, a server that reads DogStatsD and shows what it has read at /metrics."""

import os
import re
import subprocess
import urllib.error
import urllib.request

from eddy import ROOT, wait_for
from ports import free_port

MODULE = "github.com/prometheus/statsd_exporter@v0.24.0"
TOOLS = ROOT / "build/tools"


def binary():
    """Built once, from the Go module proxy."""
    path = TOOLS / "statsd_exporter"
    if not path.exists():
        TOOLS.mkdir(parents=True, exist_ok=True)
        subprocess.run(["go", "install", MODULE], check=True, env={**os.environ, "GOBIN": str(TOOLS)})
    return path


class Server:
    def __init__(self, test, folder, path=None):
        """Listens by UDP, or on the socket at `path`."""
        self.web = free_port()
        if path is None:
            port = free_port()
            self.address = f"udp://127.0.0.1:{port}"
            where = [f"--statsd.listen-udp=127.0.0.1:{port}", "--statsd.listen-unixgram="]
        else:
            self.address = f"unix://{path}"
            where = ["--statsd.listen-udp=", f"--statsd.listen-unixgram={path}"]
        self.log = folder / "statsd.log"
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen([binary(), *where, "--statsd.listen-tcp=",
                                             f"--web.listen-address=127.0.0.1:{self.web}"], stdout=out, stderr=out)
        test.addCleanup(self.process.wait)
        test.addCleanup(self.process.kill)
        wait_for("it listens", self.text, 300)

    def text(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.web}/metrics", timeout=60) as reply:
                return reply.read().decode()
        except OSError:
            return ""

    def samples(self):
        """{(name, ((label, value), …)): number}"""
        found = {}
        for line in self.text().splitlines():
            if line.startswith("#"):
                continue
            series, value = line.rsplit(" ", 1)
            name, _, labels = series.partition("{")
            found[name, tuple(sorted(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels)))] = float(value)
        return found
