# SPDX-License-Identifier: Apache-2.0
"""A real Prometheus over hosts, for tests."""

import json
import re
import subprocess
import urllib.parse
import urllib.request

import yaml

from eddy import ROOT, wait_for

DEPLOY = ROOT / "deploy/prometheus"
# What minutes and hours in the rules become, so that a test need not wait for them: enough for some scrapes to be
# missed within the shortest, and for a host to start some times within the others.
SECONDS = {"1d": 60, "1h": 120, "30m": 120, "15m": 120, "5m": 30}
# Those whose cause lasts in the test, and is there for a moment wherever a process does not get its turn.
LASTING = ("EddyDown", "EddyNotReady", "EddyFunctionStalled")


def hastened(rules):
    """The rules with other times: nothing has to be so for longer than some seconds."""
    rules = yaml.safe_load(rules)
    for group in rules["groups"]:
        for rule in group["rules"]:
            expression = re.sub(r"\[(\w+)\]", lambda match: f"[{SECONDS[match[1]]}s]", rule["expr"])
            rule["expr"] = re.sub(r"offset \w+", "offset 10s", expression)
            if "for" in rule:
                rule["for"] = "20s" if rule["alert"] in LASTING else "0s"
    return yaml.safe_dump(rules)


class Prometheus:
    def __init__(self, test, folder, targets, rules="", every="500ms"):
        """`targets`: addresses of admin listeners. `every`: how often they are scraped, and how long each may take."""
        config = folder / "prometheus.yml"
        (folder / "eddy.rules.yml").write_text(rules or "groups: []\n")
        times = f"scrape_interval: {every}, scrape_timeout: {every}, evaluation_interval: 500ms"
        config.write_text(f"global: {{ {times} }}\n"
                          "rule_files: [eddy.rules.yml]\n"
                          f"scrape_configs: [{{ job_name: eddy, static_configs: [{{ targets: {json.dumps(targets)} }}] }}]\n")
        self.log = folder / "prometheus.log"
        with open(self.log, "wb") as out:
            server = subprocess.Popen(["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/tsdb",
                                       "--web.listen-address=127.0.0.1:0"], stdout=out, stderr=out)
        test.addCleanup(server.wait)
        test.addCleanup(server.kill)
        self.address = wait_for("Prometheus listens", lambda: [
            line.split("address=")[1].split()[0] for line in self.log.read_text().split("\n")[:-1]
            if "component=web" in line and "Listening on" in line], 300)[0]
        wait_for("Prometheus is ready", self.ready, 300)

    def ready(self):
        try:
            with urllib.request.urlopen(f"http://{self.address}/-/ready", timeout=10) as reply:
                return reply.status == 200
        except OSError:
            return False

    def get(self, path, **query):
        url = f"http://{self.address}/api/v1/{path}?" + urllib.parse.urlencode(query)
        with urllib.request.urlopen(url, timeout=120) as reply:
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
