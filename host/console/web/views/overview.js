// SPDX-License-Identifier: Apache-2.0
// How the host is: what is wrong first.

import { link } from "../base/address.js";
import { at, get } from "../base/api.js";
import { el, replace } from "../base/dom.js";
import { ago, count, duration, plural, rate, shortCount, stamp } from "../base/format.js";
import { badge, breakerBadge } from "../parts/badge.js";
import { line } from "../parts/sparkline.js";
import { panel, Table, walkTables } from "../parts/table.js";

const EVERY_MS = 3000;
const SEEN = 60; // looks that the small charts remember

// What needs somebody first, then what is busy.
function concern(one) {
  return (one.runs ? 0 : 1e12) + (one.breaker === "closed" ? 0 : 1e10) + one.per_second.dead_lettered * 1e4 + Math.min(one.lag, 1e6) / 1e3;
}

function functionTable() {
  return new Table({
    label: "Functions",
    empty: "No plugin declares a function yet: put one into the plugin directory.",
    key: (one) => one.function,
    open: () => (location.hash = link(["topology"])),
    columns: [
      { name: "Function", kind: "wrap", cell: (one) => one.function },
      { name: "State", kind: "tight", cell: (one) => (one.runs ? (one.breaker === "closed" ? badge("running") : [breakerBadge(one.breaker), " breaker"]) : badge("stopped")) },
      { name: "Delivered/s", kind: "number", cell: (one) => rate(one.per_second.delivered) },
      { name: "Dead/s", kind: "number", cell: (one) => el("span", { class: one.per_second.dead_lettered > 0 && "loud" }, rate(one.per_second.dead_lettered)) },
      { name: "Lag", kind: "number", cell: (one) => el("span", { title: count(one.lag) }, shortCount(one.lag)) },
    ],
  });
}

function queueTable() {
  return new Table({
    label: "Dead letter queues",
    empty: "No dead letter queue yet.",
    key: (one) => one.queue,
    open: (one) => (location.hash = link(["queues", one.queue, "groups"])),
    columns: [
      { name: "Queue", kind: "wrap", cell: (one) => el("a", { href: link(["queues", one.queue, "groups"]) }, one.queue) },
      { name: "Letters", kind: "number", cell: (one) => el("span", { class: one.letters > 0 && "loud" }, count(one.letters)) },
      { name: "Oldest", kind: "number", cell: (one) => (one.letters > 0 ? duration(one.oldest_seconds) : "–") },
    ],
  });
}

function pluginTable() {
  return new Table({
    label: "Plugins",
    empty: "No plugins.",
    key: (one) => one.plugin,
    open: (one) => (location.hash = link(["plugins", one.plugin])),
    columns: [
      { name: "Plugin", kind: "wrap", cell: (one) => el("a", { href: link(["plugins", one.plugin]) }, one.plugin) },
      { name: "Version", kind: "tight", cell: (one) => one.version || "–" },
      { name: "State", kind: "tight", cell: (one) => [badge(one.quarantined ? "quarantined" : one.state), one.canary && [" ", badge("canary")]] },
    ],
  });
}

function wrongs({ troubles, warnings }) {
  if (troubles.length + warnings.length === 0) return el("section", { class: "panel", "aria-label": "What is wrong" }, el("div", { class: "calm" }, el("span", { class: "dot" }), "Nothing is wrong"));
  const item = (tone, name) => (text) => el("li", {}, badge(name, tone), el("span", {}, text));
  return panel("What is wrong", el("ul", { class: "wrongs" }, troubles.map(item("bad", "not ready")), warnings.map(item("warn", "warning"))), null, troubles.length > 0 ? "wrong" : "");
}

class History {
  constructor() {
    this.series = new Map();
  }
  add(name, value) {
    const values = this.series.get(name) ?? [];
    values.push(value);
    if (values.length > SEEN) values.shift();
    this.series.set(name, values);
    return values;
  }
}
const history = new History(); // as long as the console is open, whatever is looked at meanwhile

function tile(name, text, value, loud = false) {
  return el("div", { class: "tile" }, el("div", { class: "name" }, name), el("b", { class: loud && "loud" }, text), line(history.add(name, value), { label: `${name} since this console was opened` }));
}

function tiles({ per_second: rates, functions, queues }) {
  const lag = functions.reduce((sum, one) => sum + one.lag, 0);
  const letters = queues.reduce((sum, one) => sum + one.letters, 0);
  const running = functions.filter((one) => one.runs).length;
  return [
    tile("Delivered per second", rate(rates.delivered), rates.delivered),
    tile("Filtered per second", rate(rates.filtered), rates.filtered),
    tile("Dead letters per second", rate(rates.dead_lettered), rates.dead_lettered, rates.dead_lettered > 0),
    tile("Letters in queues", shortCount(letters), letters),
    tile("Lag of all functions", shortCount(lag), lag),
    tile("Functions running", `${running} of ${functions.length}`, running, running < functions.length),
  ];
}

export async function show(page) {
  const wrong = el("div");
  const numbers = el("section", { class: "tiles", "aria-label": "Rates" });
  const functions = functionTable();
  const queues = queueTable();
  const plugins = pluginTable();
  page.title("Overview");
  page.show(
    wrong,
    numbers,
    panel("Functions", functions.node),
    el("div", { class: "columns" }, panel("Dead letter queues", queues.node), panel("Plugins", plugins.node)),
  );
  walkTables(page, functions, queues, plugins);
  await page.poll(EVERY_MS, async () => {
    const now = await get(at("overview"), null, page.signal);
    page.title("Overview", { note: `Eddy ${now.version}, up since ${stamp(now.started_at)} UTC (${ago(now.started_at)}), ${plural(now.since_start.delivered, "record")} delivered` });
    replace(wrong, wrongs(now));
    replace(numbers, tiles(now));
    functions.update([...now.functions].sort((a, b) => concern(b) - concern(a)));
    // Where letters are parked is of interest when some are.
    const shown = now.queues.filter((one) => one.letters > 0 || !one.queue.endsWith(".parked"));
    queues.update(shown.sort((a, b) => b.letters - a.letters));
    plugins.update(now.plugins);
  });
}
