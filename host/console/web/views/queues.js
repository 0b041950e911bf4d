// SPDX-License-Identifier: Apache-2.0
import { link } from "../base/address.js";
import { at, get } from "../base/api.js";
import { el } from "../base/dom.js";
import { count } from "../base/format.js";
import { timeOf } from "../base/page.js";
import { legend, STATES, stateMeter } from "../parts/badge.js";
import { panel, Table, walkTables } from "../parts/table.js";

const EVERY_MS = 4000;

function table() {
  return new Table({
    label: "Dead letter queues",
    empty: "No dead letter queues: a function without one of its own has its dead letters in the default queue.",
    key: (one) => one.queue,
    open: (one) => (location.hash = link(["queues", one.queue, "groups"])),
    columns: [
      { name: "Queue", kind: "wrap", cell: (one) => el("a", { href: link(["queues", one.queue, "groups"]) }, one.queue) },
      { name: "Open", kind: "number", cell: (one) => el("span", { class: one.open > 0 && "loud" }, count(one.open)) },
      { name: "By state", kind: "wrap", cell: (one) => [stateMeter(one), legend(STATES.filter((state) => one[state] > 0).map((state) => [state, one[state]]))] },
      { name: "Groups", kind: "number", cell: (one) => count(one.groups) },
      { name: "Oldest open", kind: "tight", cell: (one) => timeOf(one.oldest_open) },
      { name: "Newest", kind: "tight", cell: (one) => timeOf(one.last_seen) },
    ],
  });
}

export async function show(page) {
  const queues = table();
  page.title("Dead letter queues");
  page.show(panel("Queues", queues.node));
  walkTables(page, queues);
  await page.poll(EVERY_MS, async () => queues.update((await get(at("queues"), null, page.signal)).queues));
}
