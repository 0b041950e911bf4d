# SPDX-License-Identifier: Apache-2.0
"""The films while the host is killed, again and again: nothing lost, nothing twice."""

import random
import threading
import time

import test_movies
from eddy import BUILD, LONG, MOVIES, SANITIZE

KILLS = 500 if LONG else 10 if SANITIZE else 50


class Kill9(test_movies.Balance):
    def test_killed_at_random_moments(self):
        rng = random.Random(20261123)
        # Small units: a kill falls into the middle of many of them. A record that two of them hit is not at fault.
        host = self.host("functions: { '*': { unit_records: 8, max_deaths: 100 } }\n")
        host.drop(BUILD / "plugins/movies.so")
        lines = MOVIES.read_bytes().splitlines()
        share = len(lines) // KILLS + 1
        for kill in range(KILLS):
            host.start()
            feeder = threading.Thread(target=host.put, args=("movies", lines[kill * share:(kill + 1) * share]))
            feeder.start()
            time.sleep(rng.uniform(0, 0.12))  # the moment is the random input of this test, not something waited for
            host.kill()
            feeder.join()
        host.run("run", "--until-idle")
        self.check_balance(host)
