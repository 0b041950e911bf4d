# SPDX-License-Identifier: Apache-2.0
"""What is behind a function goes down for a while: the breaker keeps the queue small and loses nothing."""

import threading
import time

from eddy import BUILD, LONG, HostTest, wait_for
from kafka import Cluster, settings

OUTAGE_SECONDS = 30 if LONG else 4
CONSECUTIVE = 5


class Outages:
    """What holds on every transport."""

    def scripted(self, breaker):
        host = self.host()
        self.down = host.folder / "down"
        host.configure(self.streams() + f"""
functions:
  Attempt:
    breaker: {{ consecutive_failures: {CONSECUTIVE}, reset_timeout_ms: 300, {breaker} }}
    config: {{ journal: {host.folder}/journal, down: {self.down} }}
""")
        host.drop(BUILD / "test_plugins/scripted.so")
        return host.start()

    def breaker_state(self, host):
        return host.metric("eddy_breaker_state", function="Attempt")

    def outage(self, host, cause):
        """Records before, during and after; returns how many there were. All must have ended when it returns."""
        fed = 0

        def feed(count):
            nonlocal fed
            host.put("scripted_in", [b"record-%d" % n for n in range(fed, fed + count)])
            fed += count

        feed(100)
        host.wait_idle()
        self.down.write_text(cause)
        feed(1000)
        wait_for("the breaker opens", lambda: self.breaker_state(host) > 0)
        end = time.monotonic() + OUTAGE_SECONDS
        while time.monotonic() < end:  # how long the outage lasts is the input of this test
            feed(100)
            threading.Event().wait(0.5)
        self.down.unlink()
        host.wait_idle()
        wait_for("the breaker is closed", lambda: self.breaker_state(host) == 0)
        host.stop()
        return [f"record-{n}" for n in range(fed)]

    def check(self, host, records, most_letters):
        passed = [record["value"] for record in host.peek_or_none("scripted_out")]
        failed = [letter["original_record"] for letter in self.letters(host, "ScriptedDLQ")] if most_letters else []
        if not most_letters:
            self.assertEqual(host.peek_or_none("ScriptedDLQ"), [])
        self.assertLessEqual(len(failed), most_letters)
        self.assertEqual(sorted(passed + failed), sorted(records))
        return failed

    def test_few_dead_letters(self):
        host = self.scripted("on_open: pause")
        failed = self.check(host, self.outage(host, "plain"), CONSECUTIVE)
        self.assertNotEqual(failed, [])

    def test_none_when_failures_are_taken_back(self):
        host = self.scripted("retract_ms: 50000")
        self.check(host, self.outage(host, "plain"), 0)

    def test_the_function_says_that_its_dependency_is_down(self):
        host = self.scripted("on_open: pause")
        self.check(host, self.outage(host, "d"), 0)


class Embedded(Outages, HostTest):
    def streams(self):
        return ""


class Kafka(Outages, HostTest):
    def streams(self):
        broker = Cluster.create()
        self.addCleanup(broker.close)
        return settings(broker, properties={"session.timeout.ms": 20000})  # nobody is killed here
