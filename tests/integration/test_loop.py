# SPDX-License-Identifier: Apache-2.0
"""See the causes, try the fix, put it in, send the letters back, watch them succeed: at a terminal, over a kill -9."""

import collections
import random
import re
import subprocess
import unittest

from eddy import BINARY, BUILD, HostTest, wait_for
from ports import free_port
from prometheus import Prometheus

QUEUE = "OrdersDLQ"
ORDERS = 10_000
RATE = 300
CAUSES = {"std::out_of_range": 6000, "CurrencyUnknown": 3000, "std::invalid_argument": 1000}
LEFT = CAUSES["std::invalid_argument"]  # what the second build does not mend


def build(number):
    return BUILD / f"test_plugins/orders_v{number}.so"


def table(text):
    """The rows of a listing by the names of its columns; what stands below it is left out."""
    lines = text.split("\n\n")[0].splitlines()
    names, *rows = [re.split("  +", line.strip()) for line in lines]
    return [dict(zip(names, row)) for row in rows]


class Loop(HostTest):
    def test_from_the_causes_to_the_last_recovery(self):
        host = self.with_letters()
        prometheus = Prometheus(self, host.folder, [host.admin()])
        causes = table(host.run("dlq", "groups", QUEUE))
        self.assertEqual({cause["TYPE"]: int(cause["COUNT"]) for cause in causes}, CAUSES)
        self.assertEqual(self.tried(host, 2), {"std::out_of_range": 6000, "CurrencyUnknown": 3000, "std::invalid_argument": 0})
        self.assertIn(f"{ORDERS - LEFT} of {ORDERS} letters would pass, {LEFT} still fail, 0 were not tried; nothing was written",
                      host.stderr)
        self.reload(host, 2)
        redrive = self.redrive_until_killed(host, prometheus)
        recovered, failed = self.ended(host)  # and told in the same units of work, so exact without the host
        self.assertLess(recovered, ORDERS - LEFT, "the kill came too late")
        seen = prometheus.value(self.series("recovered", "max_over_time(", "[1h])"))
        self.assertTrue(0 < seen <= recovered, f"Prometheus saw {seen} of {recovered}")

        host.start()
        going_on, = table(host.run("dlq", "redrives", "ls"))
        self.assertEqual((going_on["REDRIVE"], going_on["SELECTED"]), (redrive, str(ORDERS)))
        last = host.run("dlq", "redrives", "watch", redrive, code=1).splitlines()[-1]
        self.assertEqual(last, f"{redrive}  done  sent {ORDERS} of {ORDERS}, recovered {ORDERS - LEFT}, failed again {LEFT}")
        self.assertEqual(self.ended(host), (ORDERS - LEFT, LEFT))
        self.prometheus_sees(prometheus, ORDERS - LEFT - recovered, LEFT - failed)

        self.assertEqual(self.tried(host, 3, code=0), {"std::invalid_argument": LEFT})
        self.reload(host, 3)
        last = host.run("dlq", "redrive", QUEUE, "--rate", RATE).splitlines()[-1]
        self.assertRegex(last, f"^\\S+  done  sent {LEFT} of {LEFT}, recovered {LEFT}, failed again 0$")
        self.prometheus_sees(prometheus, ORDERS - recovered, LEFT - failed)
        self.each_once(host)

    def with_letters(self):
        """A host whose plugin has a bug, and that is found by its configuration alone, also after a restart."""
        host = self.host(f"admin: {{ listen: '127.0.0.1:{free_port()}' }}\n")
        host.drop(build(1), "orders.so")
        host.start()
        wait_for("the plugin is loaded", lambda: host.metric("eddy_plugin_loads_total", result="loaded"))
        host.put("orders", [b"%d" % number for number in range(ORDERS)])
        host.wait_idle()
        return host

    def tried(self, host, number, code=1):
        """How many letters of each cause the build would pass; the others would fail for the same cause."""
        causes = table(host.run("dlq", "try", QUEUE, "--plugin", build(number), code=code))
        for cause in causes:
            self.assertEqual(int(cause["DELIVERED"]) + int(cause["SAME CAUSE"]), int(cause["LETTERS"]))
        return {cause["TYPE"]: int(cause["DELIVERED"]) for cause in causes}

    def reload(self, host, number):
        before = len(host.peek_or_none("orders_priced"))
        host.drop(build(number), "orders.so")
        wait_for("it runs", lambda: [one["VERSION"] for one in table(host.run("plugin", "ls"))] == [f"{number}.0.0"])
        self.assertEqual(len(host.peek_or_none("orders_priced")), before, "a reload sends nothing back")

    def redrive_until_killed(self, host, prometheus):
        """In the foreground, and in its midst, once Prometheus has seen it, a kill -9 of the host; the redrive's id."""
        kill_at = ORDERS // 4 + random.randrange(-1000, 1000)  # long before its end, should this test come late to it
        arguments = [BINARY, "dlq", "redrive", QUEUE, "--rate", str(RATE), "-c", host.config]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as command:
            for line in command.stdout:
                progress = rf"(\S+)  running  sent (\d+) of {ORDERS}, recovered \d+, failed again \d+"
                redrive, sent = re.match(progress, line).groups()
                if host.process and int(sent) >= kill_at and prometheus.value(self.series("recovered")):
                    host.kill()
            said = command.stderr.read()
        self.assertEqual(command.returncode, 69, said)
        self.assertIn(f"eddy dlq redrives watch {redrive}", said)
        return redrive

    def ended(self, host):
        """Letters that are recovered, and those that failed again, as the queue and its states say."""
        groups = host.run_json("dlq", "groups", QUEUE, "--state", "all")["groups"]
        return sum(group["letters"]["recovered"] for group in groups), sum(group["refailures"] for group in groups)

    def series(self, outcome, before="", after=""):
        return f'{before}eddy_recoveries_total{{queue="{QUEUE}",outcome="{outcome}"}}{after}'

    def prometheus_sees(self, prometheus, recovered, failed):
        """What this process has counted, as it counts from its start on, and nothing that was before it."""
        # A scrape that a busy machine cuts short takes every value away until the next one.
        for outcome, count in (("recovered", recovered), ("failed", failed)):
            self.assert_becomes(lambda: prometheus.value(self.series(outcome)), count, f"{outcome}, as scraped", 300)
        ratio = recovered / (recovered + failed)
        self.assert_becomes(lambda: round(prometheus.value(f'eddy_recovery_success_ratio{{queue="{QUEUE}"}}') or 0, 9),
                            round(ratio, 9), "the ratio, as scraped")

    def each_once(self, host):
        priced = collections.Counter(record["value"].split()[0] for record in host.peek("orders_priced"))
        self.assertEqual(len(priced), ORDERS, "nothing is missing")
        self.assertEqual(set(priced.values()), {1}, "nothing is there twice")
        self.assertEqual(len(host.peek("orders_seen")), ORDERS, "what was sent back is not for others")
        queue = next(one for one in table(host.run("dlq", "ls")) if one["QUEUE"] == QUEUE)
        self.assertEqual((queue["OPEN"], queue["REDRIVEN"], queue["RECOVERED"]), ("0", "0", str(ORDERS)))


if __name__ == "__main__":
    unittest.main()
