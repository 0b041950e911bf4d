# SPDX-License-Identifier: Apache-2.0
"""A real Prometheus scrapes a real host."""

import json
import subprocess
import urllib.parse
import urllib.request

from eddy import BUILD, MOVIES, HostTest, wait_for


class Prometheus(HostTest):
    def test_scraped_and_queried(self):
        host = self.host()
        host.drop(BUILD / "plugins/movies.so")
        host.start()
        target = host.log_text().split("on http://")[1].split()[0]
        config = host.folder / "prometheus.yml"
        config.write_text("scrape_configs: [{job_name: eddy, scrape_interval: 250ms, scrape_timeout: 250ms, "
                          f"static_configs: [{{targets: ['{target}']}}]}}]\n")
        log = host.folder / "prometheus.log"
        with open(log, "wb") as out:
            server = subprocess.Popen(["prometheus", f"--config.file={config}", f"--storage.tsdb.path={host.folder}/tsdb",
                                       "--web.listen-address=127.0.0.1:0"], stdout=out, stderr=out)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        address = wait_for("Prometheus listens", lambda: [
            line.split("address=")[1].split()[0] for line in log.read_text().splitlines()
            if "component=web" in line and "Listening on" in line])[0]
        host.run("put", "movies", MOVIES)

        def value(query):
            url = f"http://{address}/api/v1/query?" + urllib.parse.urlencode({"query": query})
            with urllib.request.urlopen(url, timeout=10) as reply:
                result = json.load(reply)["data"]["result"]
            return float(result[0]["value"][1]) if result else None

        expected = {'sum(eddy_records_total{function="to_release",outcome="delivered"})': 3164,
                    'sum(eddy_dead_letters_total{queue="MovieDLQ"})': 37,
                    'sum(eddy_dead_letters_total{queue="MovieDLQ",error_type="ValidationError"})': 17,
                    'sum(eddy_recoveries_total{outcome="recovered"})': 29,
                    'sum(eddy_recoveries_total{outcome="skipped"})': 8,
                    'round(eddy_recovery_success_ratio{queue="MovieDLQ"}, 0.0001)': round(29 / 37, 4),
                    'up{job="eddy"}': 1}
        for query, number in expected.items():
            wait_for(f"{query} is {number}", lambda: value(query) == number)
        lint = subprocess.run(["promtool", "check", "metrics"], input=host.get("/metrics")[1], text=True,
                              capture_output=True)
        self.assertEqual(lint.returncode, 0, lint.stdout + lint.stderr)
        host.stop()
