# SPDX-License-Identifier: Apache-2.0
"""What deploy/ ships for those who watch: rules that fire, a dashboard that shows something, checks of an agent."""

import json
import re
import signal
import subprocess

import yaml

from eddy import BUILD, ROOT, HostTest, wait_for
from ports import free_port
from prometheus import DEPLOY, Prometheus, hastened

RULES = (DEPLOY / "eddy.rules.yml").read_text()
DASHBOARD = json.loads((ROOT / "deploy/grafana/eddy.json").read_text())
AGENT = yaml.safe_load((ROOT / "deploy/datadog/openmetrics.d/conf.yaml").read_text())
EVENT = {"user_id": "u", "action": "a", "timestamp": 1}
TROUBLE = ("functions:\n"
           "  kinds: { breaker: { consecutive_failures: 600, reset_timeout_ms: 3600000 } }\n"
           "  bad_segv: { on_fault: quarantine }\n")
PATIENCE = 300


def names_in(text):
    return set(re.findall(r"\b(?:eddy|process)_[a-z_]+", text))


def metrics_of(host):
    """Names as a query may use them: with the suffixes of histograms."""
    return {re.split("[{ ]", line)[0] for line in host.get("/metrics")[1].splitlines() if not line.startswith("#")}


class Rules(HostTest):
    def promtool(self, *arguments):
        done = subprocess.run(["promtool", *arguments], cwd=DEPLOY, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_promtool_finds_nothing_and_every_alert_is_tested(self):
        self.promtool("check", "config", "prometheus.yml")
        self.promtool("check", "rules", "eddy.rules.yml")
        self.promtool("test", "rules", "eddy.rules.test.yml")
        tests = (DEPLOY / "eddy.rules.test.yml").read_text()
        for rule in self.alerts():
            self.assertIn(rule["alert"], tests)
            self.assertLessEqual({"summary", "description", "action"}, set(rule["annotations"]), rule["alert"])
            self.assertIn(rule["labels"]["severity"], ("page", "ticket", "info"), rule["alert"])

    def alerts(self):
        return [rule for group in yaml.safe_load(RULES)["groups"] for rule in group["rules"] if "alert" in rule]

    def trouble_host(self):
        # The same address for all its processes, which nobody is given while there is none.
        self.settings = f"{TROUBLE}admin: {{ listen: '127.0.0.1:{free_port()}' }}\n"
        host = self.host(self.settings)
        for plugin in ("test_plugins/kinds.so", "plugins/events.so", "bad_plugins/segv/segv.so"):
            host.drop(BUILD / plugin)
        return host.start()

    def test_they_fire_over_a_real_host_and_not_before(self):
        host = self.trouble_host()
        wait_for("the plugins", lambda: host.metric("eddy_plugin_state", state="running") == 3)
        prometheus = Prometheus(self, host.folder, [host.admin()], hastened(RULES), every="2s")
        wait_for("rules are evaluated", lambda: prometheus.query("eddy:records:rate5m"), PATIENCE)
        host.post("raw_events", json.dumps(EVENT).encode())
        wait_for("a record is seen", lambda: prometheus.value('sum(eddy_records_total{outcome="delivered"})'), PATIENCE)
        self.assertLessEqual(prometheus.fired(), {"EddyAbsent"})  # which was so before the first scrape

        def fires(alert, cause):
            self.assertNotIn(alert, prometheus.fired(), f"before {cause}")
            return lambda: wait_for(f"{alert} after {cause}", lambda: alert in prometheus.fired(), PATIENCE)

        expected = [fires(alert, "letters") for alert in (
            "EddyDeadLetterRateHigh", "EddyDeadLetterRatioHigh", "EddyDeadLetterQueueGrowing", "EddyRecoveryRatioLow")]
        host.put("kinds_in", [b"bad"] * 500)
        host.post("raw_events", json.dumps([{**EVENT, "user_id": ""}] * 50).encode())
        for alert in expected:
            alert()

        expected = [fires(alert, "an open breaker") for alert in (
            "EddyBreakerOpen", "EddyFunctionStalled", "EddyLagGrowing", "EddyNotReady")]
        host.put("kinds_in", [b"bad"] * 200)
        wait_for("the breaker", lambda: host.metric("eddy_breaker_state", function="kinds") == 2)
        for _ in range(3):  # it grows from one look to another
            lag = wait_for("a lag", lambda: prometheus.value("max(eddy:consumer_lag:sum)"), PATIENCE)
            host.put("kinds_in", [b"good"] * 1000)
            wait_for("the lag is seen", lambda: (prometheus.value("max(eddy:consumer_lag:sum)") or 0) > lag, PATIENCE)
        for alert in expected:
            alert()

        expected = [fires(alert, "a crash") for alert in ("EddyCallFaults", "EddyPluginQuarantined")]
        host.put("bad_segv_in", [b"bad"])
        for alert in expected:
            alert()

        refused = fires("EddyPluginRefused", "a file that is none")
        (host.folder / "broken.so").write_text("no plugin\n")
        host.drop(host.folder / "broken.so")
        refused()

        fires("EddyIngestRefusals", "nonsense")

        def refused_more():  # a rate is seen from the second look on
            host.post("raw_events", b"nonsense")
            return "EddyIngestRefusals" in prometheus.fired()

        wait_for("refusals are told", refused_more, PATIENCE)

        failed = fires("EddyConfigReloadFailed", "a bad configuration")
        host.configure(f"nonsense: 1\n{self.settings}")
        host.process.send_signal(signal.SIGHUP)
        failed()
        host.configure(self.settings)

        down, restarting = fires("EddyDown", "kill -9"), fires("EddyRestarting", "starts")
        host.kill()
        down()
        begun = prometheus.value("max_over_time(process_start_time_seconds[1h])")

        def newer():
            start = prometheus.value("process_start_time_seconds") or 0
            return start if start > begun else None

        for _ in range(2):
            host.launch()
            begun = wait_for("the new process is seen", newer, PATIENCE)
            host.kill()
        host.launch()
        wait_for("the last process is seen", newer, PATIENCE)
        restarting()


class Dashboards(HostTest):
    def queries(self):
        for panel in DASHBOARD["panels"]:
            for target in panel.get("targets", ()):
                yield panel["title"], target["expr"]

    def test_each_query_of_the_dashboard_has_something_to_show(self):
        host = self.host("push: { emf: { file: stdout, interval_ms: 200 } }\n")
        host.drop(BUILD / "plugins/events.so")
        host.start()
        prometheus = Prometheus(self, host.folder, [host.admin()], every="2s")
        wait_for("a first scrape", lambda: prometheus.value("sum(eddy_records_total)") == 0, PATIENCE)
        host.post("raw_events", json.dumps([EVENT, {**EVENT, "timestamp": -1}, {"user_id": "u"}]).encode())
        wait_for("rows", lambda: host.metric("eddy_table_rows_total", result="written") == 2)
        wait_for("it is scraped",
                 lambda: prometheus.value('sum(eddy_table_rows_total{result="written"})') == 2, PATIENCE)
        known = metrics_of(host)
        queries = list(self.queries())
        self.assertGreater(len(queries), 30)
        for title, query in queries:
            self.assertLessEqual(names_in(query), known, f"{title}: a metric that the host does not have")
            now = query.replace("$__rate_interval", "1m").replace("$job", "eddy")
            now = now.replace("$function", ".*").replace("$queue", ".*")
            self.assertNotIn("$", now, title)
            wait_for(f"{title}: {now} has data", lambda: prometheus.query(now), PATIENCE)
        for variable in DASHBOARD["templating"]["list"][1:]:
            metric, label = re.match(r"label_values\((\w+).*, (\w+)\)", variable["definition"]).groups()
            wait_for(variable["name"], lambda: prometheus.query(f"count by ({label}) ({metric})"), PATIENCE)
        host.stop()

    def test_panels_say_what_they_show_and_do_not_overlap(self):
        taken = set()
        for panel in DASHBOARD["panels"]:
            if panel["type"] != "row":
                self.assertTrue(panel["description"], panel["title"])
            at = panel["gridPos"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            self.assertFalse(cells & taken, panel["title"])
            self.assertLessEqual(at["x"] + at["w"], 24)
            taken |= cells
        numbers = [panel["id"] for panel in DASHBOARD["panels"]]
        self.assertEqual(len(numbers), len(set(numbers)))

    def test_every_metric_of_the_agents_check_and_of_the_rules_is_one_of_the_hosts(self):
        host = self.host("push: { emf: { file: stdout } }\n")
        host.drop(BUILD / "plugins/events.so")
        host.start()
        wait_for("the plugin", lambda: host.metric("eddy_plugin_state", state="running"))
        wait_for("the functions", lambda: host.metric("eddy_records_total") == 0 and "eddy_consumer_lag" in metrics_of(host))
        known = metrics_of(host)
        known |= {name.removesuffix("_count") for name in known if name.endswith("_count")}  # histograms as a whole
        self.assertLessEqual(names_in(re.sub(r"#.*", "", RULES)) - {"eddy_ready"}, known)
        text = host.get("/metrics")[1]
        kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
        # As the agent names them: counters without _total.
        names = {name.removesuffix("_total") for name in kinds}
        mapped = set()
        for instance in AGENT["instances"]:
            for entry in instance["metrics"]:
                mapped |= set(entry) if isinstance(entry, dict) else {entry}
        self.assertEqual(mapped, names, "deploy/datadog/openmetrics.d/conf.yaml and /metrics")
        host.stop()
