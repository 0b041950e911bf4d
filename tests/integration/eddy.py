# SPDX-License-Identifier: Apache-2.0
"""A host in a folder of its own, for tests: started, fed, watched, killed."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests"))  # what tests of every kind have in common
BUILD = pathlib.Path(os.environ.get("EDDY_BUILD", ROOT / "build/release"))
BINARY = BUILD / "bin/eddy"
MOVIES = ROOT / "config/demo/movies.ndjson"
SANITIZE = os.environ.get("EDDY_SANITIZE", "")
LONG = bool(os.environ.get("EDDY_LONG"))


def wait_for(what, check, seconds=60):
    """Polls an observable condition until it holds; the test fails when it never does. Under a sanitizer all takes longer."""
    seconds *= 3 if SANITIZE else 1
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = check()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what}: not within {seconds} s")


class Host:
    def __init__(self, settings=""):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="eddy-test-"))
        os.chmod(self.folder, 0o755)
        self.plugins = self.folder / "plugins.d"
        self.plugins.mkdir(mode=0o755)
        self.config = self.folder / "eddy.yaml"
        self.log = self.folder / "log"
        self.process = None
        self.tls = None  # of requests to the admin listener: an ssl.SSLContext
        self.configure(settings)

    def configure(self, settings="", plugins=""):
        """By rename, so that no reload sees half of a file."""
        fresh = self.config.with_suffix(".fresh")
        fresh.write_text(
            f"data_dir: {self.folder}/data\nplugins: {{ dir: {self.plugins}{plugins} }}\n"
            + ("" if "admin:" in settings else "admin: { listen: '127.0.0.1:0' }\n")
            + ("" if "ingest:" in settings else "ingest: { listen: '127.0.0.1:0' }\n")
            + ("" if "tables:" in settings else f"tables: {{ url: 'sqlite:{self.folder}/tables.db' }}\n") + settings)
        os.rename(fresh, self.config)

    def drop(self, source, name=None):
        """Puts a plugin into the directory the way an operator should: by rename."""
        source = pathlib.Path(source)
        target = self.plugins / (name or source.name)
        hidden = self.plugins / f".{target.name}.new"
        shutil.copyfile(source, hidden)
        os.chmod(hidden, 0o755)
        os.rename(hidden, target)
        return target

    def run(self, *arguments, code=0, data=None):
        """One command to its end; its standard output as text."""
        done = subprocess.run([BINARY, *map(str, arguments), "-c", self.config], input=data, capture_output=True,
                              timeout=600)
        if code is not None and done.returncode != code:
            raise AssertionError(f"eddy {' '.join(map(str, arguments))}: exit code {done.returncode}, expected {code}\n"
                                 f"{done.stdout.decode(errors='replace')}\n{done.stderr.decode(errors='replace')}")
        self.stderr = done.stderr.decode(errors="replace")
        return done.stdout if data == b"raw" else done.stdout.decode(errors="replace")

    def run_json(self, *arguments, **options):
        return json.loads(self.run(*arguments, "--json", **options))

    def run_there(self, *arguments, **options):
        """A command that asks the running host; its answer as JSON."""
        return json.loads(self.run(*arguments, "--admin", self.admin_url(), "--json", **options))

    def order(self, *words, code=0):
        """`eddy plugin release` or the like. A busy host may answer that it has not come to it yet, and do it later: that
        it is done is for the caller to see; what is to be refused is asked again."""
        def answered():
            try:
                self.run("plugin", *words, code=code)
            except AssertionError as failure:
                if "has not come to it yet" not in str(failure):
                    raise
                return code == 0
            return True

        wait_for("the host comes to it", answered)

    def put(self, stream, lines):
        self.run("put", stream, data=b"".join(line + b"\n" for line in lines))

    def peek(self, stream, count=1_000_000):
        return [json.loads(line) for line in self.run("peek", stream, "-n", count, "--json").splitlines()]

    def peek_or_none(self, stream):
        """The same for a stream that may not be there yet."""
        out = self.run("peek", stream, "-n", 1_000_000, "--json", code=None)
        return [json.loads(line) for line in out.splitlines()]

    def function(self, name):
        return next(f for f in self.run_json("ls")["functions"] if f["function"] == name)

    def launch(self, *arguments):
        """Starts the process; not ready yet, and perhaps never."""
        with open(self.log, "ab") as log:
            self.log_begin = log.tell()
            self.process = subprocess.Popen([BINARY, "run", "-c", self.config, *arguments], stderr=log, stdout=log)
        return self

    def start(self, *arguments):
        self.launch(*arguments)
        wait_for("the host is ready", self.ready)
        return self

    def log_text(self, whole=False):
        with open(self.log, "rb") as log:
            log.seek(0 if whole else self.log_begin)
            return log.read().decode(errors="replace")

    def ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the host ended with {self.process.returncode}:\n{self.log_text()}")
        return self.get("/readyz")[0] == 200

    def admin(self):
        """HOST:PORT of the admin listener."""
        return wait_for("the admin listener", lambda: re.findall(r"on https?://(\S+:\d+)", self.log_text()))[-1]

    def admin_url(self):
        """Of the listener that runs; empty when none does yet."""
        return (re.findall(r"on (https?://\S+:\d+)", self.log_text()) or [""])[-1]

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def ask(self, method, path, body=None, **headers):
        """Status and text of a request to the admin listener; 0 when nobody answered."""
        if not (url := self.admin_url()):
            return 0, ""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            headers, body = {"Content-Type": "application/json", **headers}, json.dumps(body).encode()
        request = urllib.request.Request(url + path, method=method, headers=headers, data=body)
        try:
            with urllib.request.urlopen(request, timeout=30, context=self.tls) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def ingest_url(self):
        return wait_for("the ingest listener", lambda: re.findall(r"takes records at (https?://\S+)", self.log_text()))[-1]

    def post(self, route, body, **headers):
        """Status and parsed answer of POST /ingest/<route>; 0 when nobody answered."""
        headers = {"Content_Type": "application/json", **headers}
        request = urllib.request.Request(self.ingest_url() + route, data=body, method="POST",
                                         headers={name.replace("_", "-"): value for name, value in headers.items()})
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return reply.status, json.loads(reply.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())
        except OSError:
            return 0, None

    def metrics(self):
        """Every sample of a scrape: {'name{label="value"}': number}."""
        def scraped():
            status, text = self.get("/metrics")
            return status == 200 and text

        samples = {}
        for line in wait_for("a scrape", scraped).splitlines():  # no answer is no zero
            if line and not line.startswith("#"):
                series, value = line.rsplit(" ", 1)
                samples[series] = float(value)
        return samples

    def metric(self, name, **labels):
        """The sum over all series of a metric that carry these labels."""
        return sum(value for series, value in self.metrics().items()
                   if re.split("[{ ]", series)[0] == name
                   and all(f'{label}="{wanted}"' in series for label, wanted in labels.items()))

    def idle(self):
        """What all have ended, when nothing is left for any of them."""
        all_of = self.run_json("ls")
        all_of = all_of["functions"] + all_of["tables"]
        return None if any(one["lag"] for one in all_of) else all_of

    def wait_idle(self, seconds=120):
        """Two looks, between which nobody has ended anything: one alone may miss a record on its way to another function."""
        def still():
            found = self.idle()
            return found is not None and found == self.idle()

        wait_for("two idle looks", still, seconds)

    def memory_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))

    def stop(self, code=0):
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        ended = self.process.wait(300)
        self.process = None
        if code is not None and ended != code:
            raise AssertionError(f"the host ended with {ended}, expected {code}:\n{self.log_text()}")

    def kill(self):
        self.process.kill()
        self.process.wait(60)
        self.process = None

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)


class HostTest(unittest.TestCase):
    maxDiff = None

    def host(self, settings=""):
        host = Host(settings)
        self.addCleanup(host.close)
        self.addCleanup(self.tell_of, host)
        return host

    def tell_of(self, host):
        """What a failure looked like from inside the host: it is gone with its folder."""
        result = self._outcome.result
        if host.log.exists() and any(test is self for test, _ in result.failures + result.errors):
            print(f"\n/readyz: {host.get('/readyz') if host.process else 'not running'}\nthe end of {host.log}:",
                  *host.log_text(whole=True).splitlines()[-60:], sep="\n", file=sys.stderr)

    def assert_becomes(self, look, expected, what="", seconds=60):
        """What is counted after it is seen elsewhere comes to be this; when it never does, the difference is told."""
        last = None

        def as_expected():
            nonlocal last
            last = look()
            return last == expected

        try:
            wait_for(what, as_expected, seconds)
        except AssertionError:
            self.assertEqual(last, expected, what)
            raise

    def letters(self, host, queue):
        """Every letter of a queue as its envelope."""
        return [json.loads(record["value"]) for record in host.peek(queue)]
