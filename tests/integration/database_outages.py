# SPDX-License-Identifier: Apache-2.0
"""A table's database that is stopped and started while records come in."""

import concurrent.futures
import contextlib
import itertools
import time
import urllib.parse

from eddy import wait_for
from ports import hold

OUTAGES = 3


def feed_through(database, host, trouble, post):
    """Calls post(0), post(1), …, each once, before, in and after every outage, of which /readyz tells `trouble`. How many
    there were: so many, and not for as long as the outages take, or a slow machine would have all the more to write."""
    numbers = itertools.count()

    def feed(batches):
        for number in itertools.islice(numbers, batches):
            post(number)

    def feed_slowly():
        for _ in range(30):
            feed(1)
            time.sleep(0.05)  # waits for nothing: it spreads them over the outage

    with concurrent.futures.ThreadPoolExecutor() as feeder:
        for _ in range(OUTAGES):
            feed(10)
            feeding = feeder.submit(feed_slowly)
            database.stop()
            with contextlib.closing(hold(urllib.parse.urlsplit(database.url).port)):
                feed(1)
                wait_for("the table's trouble", lambda: trouble in host.get("/readyz")[1], 300)
                database.start()
            wait_for("the table goes on", lambda: host.get("/readyz")[0] == 200, 300)
            feeding.result()
    feed(10)
    return next(numbers)
