# SPDX-License-Identifier: Apache-2.0
"""A real Prometheus scrapes a real host."""

import subprocess

from eddy import BUILD, MOVIES, HostTest, wait_for
from prometheus import Prometheus


class Scrapes(HostTest):
    def test_scraped_and_queried(self):
        host = self.host()
        host.drop(BUILD / "plugins/movies.so")
        host.start()
        prometheus = Prometheus(self, host.folder, [host.admin()], every="2s")
        host.run("put", "movies", MOVIES)
        expected = {'sum(eddy_records_total{function="to_release",outcome="delivered"})': 3164,
                    'sum(eddy_dead_letters_total{queue="MovieDLQ"})': 37,
                    'sum(eddy_dead_letters_total{queue="MovieDLQ",error_type="ValidationError"})': 17,
                    'sum(eddy_recoveries_total{outcome="recovered"})': 29,
                    'sum(eddy_recoveries_total{outcome="skipped"})': 8,
                    'round(eddy_recovery_success_ratio{queue="MovieDLQ"}, 0.0001)': round(29 / 37, 4),
                    'up{job="eddy"}': 1}
        for query, number in expected.items():
            wait_for(f"{query} is {number}", lambda: prometheus.value(query) == number, 300)
        lint = subprocess.run(["promtool", "check", "metrics"], input=host.get("/metrics")[1], text=True,
                              capture_output=True)
        self.assertEqual(lint.returncode, 0, lint.stdout + lint.stderr)
        self.assertEqual(lint.stdout + lint.stderr, "")
        host.stop()
