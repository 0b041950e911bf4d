# SPDX-License-Identifier: Apache-2.0
"""Retries with growing pauses, then a dead letter: in place and through a retry stream, on both transports."""

from eddy import BUILD, HostTest, wait_for
from kafka import Cluster, settings

# Milliseconds to the second call. The third comes 9 s after the first, the last one 21 s: time for what is in between.
SLOWLY = 3000


class Retries:
    """What holds on every transport."""

    def scripted(self, mode, more="", first=1000):
        host = self.host()
        self.pauses = [first / 1000 * times for times in (1, 2, 4)]
        self.journal = host.folder / "journal"
        host.configure(self.streams() + f"""
functions:
  Attempt:
    retry: {{ max_attempts: 4, initial_interval_ms: {first}, multiplier: 2, jitter: 0, mode: {mode} }}
    {more}
    config: {{ journal: {self.journal} }}
""")
        host.drop(BUILD / "test_plugins/scripted.so")
        return host

    def calls(self, value=None):
        """[(seconds, value)] of each call that was made."""
        lines = self.journal.read_text().splitlines() if self.journal.exists() else []
        calls = [(int(time) / 1e6, text) for time, text in (line.split(" ", 1) for line in lines)]
        return [call for call in calls if value in (None, call[1])]

    def check_failed(self, host, value):
        """Four calls, no earlier than the pauses say, and one dead letter that counts them."""
        wait_for("the dead letter", lambda: host.peek_or_none("ScriptedDLQ"), 180)
        letters = self.letters(host, "ScriptedDLQ")
        calls = self.calls(value)
        self.assertEqual(len(calls), 4)
        for pause, (before, _), (after, _) in zip(self.pauses, calls, calls[1:]):
            self.assertGreaterEqual(after - before, pause - 0.01)  # due times are kept to the millisecond
        self.assertEqual([(letter["original_record"], letter["attempts"]) for letter in letters], [(value, 4)])

    def outputs(self, host):
        return [record["value"] for record in host.peek_or_none("scripted_out")]

    def feed(self, host, *values):
        host.put("scripted_in", [value.encode() for value in values])

    def test_in_place_keeps_order(self):
        host = self.scripted("in_place").start()
        self.feed(host, "fail-1", "good-2")
        self.check_failed(host, "fail-1")
        host.wait_idle()
        self.assertEqual([value for _, value in self.calls()], ["fail-1"] * 4 + ["good-2"])
        host.stop()

    def test_in_place_by_key_others_go_on(self):
        host = self.scripted("in_place", "order: key", SLOWLY).start()
        self.feed(host, "fail-1", "good-2")
        wait_for("what comes behind it", lambda: self.outputs(host))
        self.assertEqual(host.peek_or_none("ScriptedDLQ"), [])
        self.check_failed(host, "fail-1")
        host.stop()

    def test_through_a_stream_others_go_on(self):
        host = self.scripted("stream", first=SLOWLY).start()
        self.feed(host, "fail-1", "good-2")
        wait_for("what comes behind it", lambda: self.outputs(host))
        self.assertEqual(host.peek_or_none("ScriptedDLQ"), [])
        self.check_failed(host, "fail-1")
        host.stop()

    def restart_in_the_middle(self, mode):
        host = self.scripted(mode, first=SLOWLY).start()
        self.feed(host, "fail-1")
        wait_for("the second call", lambda: len(self.calls()) >= 2)
        host.stop()
        self.assertLess(len(self.calls()), 4, "it was stopped too late")
        host.start()
        self.check_failed(host, "fail-1")
        host.stop()

    def test_in_place_through_a_restart(self):
        self.restart_in_the_middle("in_place")

    def test_stream_through_a_restart(self):
        self.restart_in_the_middle("stream")


class Embedded(Retries, HostTest):
    def streams(self):
        return ""


class Kafka(Retries, HostTest):
    def streams(self):
        broker = Cluster.create()
        self.addCleanup(broker.close)
        return settings(broker, properties={"session.timeout.ms": 20000})  # nobody is killed here
