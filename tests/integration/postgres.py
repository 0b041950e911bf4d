# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL of its own for a test."""

import shutil
import subprocess
import tempfile

from eddy import ROOT

SERVER = ROOT / "tests/postgres/server"


class Postgres:
    """Ends with the test that made it."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="eddy-postgres-")
        self.url = self.run("start")

    def run(self, verb):
        done = subprocess.run([SERVER, verb, self.folder], capture_output=True, text=True, timeout=600)
        if done.returncode:
            raise AssertionError(f"{SERVER} {verb}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def start(self):
        """Again, after stop(): the same address, the same data."""
        self.run("restart")

    def stop(self):
        self.run("stop")

    def close(self):
        self.run("stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    __enter__ = lambda self: self  # noqa: E731
    __exit__ = lambda self, *_: self.close()  # noqa: E731

    def query(self, sql):
        """Rows, as lists of texts."""
        done = subprocess.run(["psql", self.url, "-v", "ON_ERROR_STOP=1", "-XAtF", "\t", "-c", sql], capture_output=True,
                              text=True, timeout=600)
        if done.returncode:
            raise AssertionError(f"{sql}: {done.stderr}")
        return [line.split("\t") for line in done.stdout.splitlines()]
