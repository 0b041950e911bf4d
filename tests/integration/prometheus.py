# SPDX-License-Identifier: Apache-2.0
"""A real Prometheus over hosts, for tests."""

import json
import re
import subprocess
import urllib.parse
import urllib.request

from eddy import ROOT, wait_for

DEPLOY = ROOT / "deploy/prometheus"
# What minutes and hours in the rules become, so that a test need not wait for them.
SECONDS = {"1d": 20, "1h": 10, "30m": 8, "15m": 8, "5m": 4}


def hastened(rules):
    """The rules with other times: nothing has to be so for longer than a moment."""
    rules = re.sub(r"\bfor: (\w+)", lambda match: "for: 5s" if match[1] == "1m" else "for: 0s", rules)
    rules = re.sub(r"\[(\w+)\]", lambda match: f"[{SECONDS[match[1]]}s]", rules)
    return re.sub(r"offset \w+", "offset 2s", rules)


class Prometheus:
    def __init__(self, test, folder, targets, rules=""):
        """`targets`: addresses of admin listeners."""
        config = folder / "prometheus.yml"
        (folder / "eddy.rules.yml").write_text(rules or "groups: []\n")
        config.write_text("global: { scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms }\n"
                          "rule_files: [eddy.rules.yml]\n"
                          f"scrape_configs: [{{ job_name: eddy, static_configs: [{{ targets: {json.dumps(targets)} }}] }}]\n")
        self.log = folder / "prometheus.log"
        with open(self.log, "wb") as out:
            server = subprocess.Popen(["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/tsdb",
                                       "--web.listen-address=127.0.0.1:0"], stdout=out, stderr=out)
        test.addCleanup(server.wait)
        test.addCleanup(server.kill)
        self.address = wait_for("Prometheus listens", lambda: [
            line.split("address=")[1].split()[0] for line in self.log.read_text().splitlines()
            if "component=web" in line and "Listening on" in line])[0]
        wait_for("Prometheus is ready", self.ready)

    def ready(self):
        try:
            with urllib.request.urlopen(f"http://{self.address}/-/ready", timeout=10) as reply:
                return reply.status == 200
        except OSError:
            return False

    def get(self, path, **query):
        url = f"http://{self.address}/api/v1/{path}?" + urllib.parse.urlencode(query)
        with urllib.request.urlopen(url, timeout=10) as reply:
            return json.load(reply)["data"]

    def query(self, query):
        """Every series: [({label: value}, number)]."""
        return [(one["metric"], float(one["value"][1])) for one in self.get("query", query=query)["result"]]

    def value(self, query):
        found = self.query(query)
        return found[0][1] if found else None

    def fired(self):
        """Alerts that have fired since the server began, also those that have ended."""
        return {labels["alertname"] for labels, _ in self.query('max_over_time(ALERTS{alertstate="firing"}[1h])')}
