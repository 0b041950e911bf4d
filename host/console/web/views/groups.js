// SPDX-License-Identifier: Apache-2.0
// Causes instead of messages: the groups of one queue, most letters first.

import { link } from "../base/address.js";
import { at, get } from "../base/api.js";
import { el } from "../base/dom.js";
import { count, percent, shortCount } from "../base/format.js";
import { timeOf } from "../base/page.js";
import { stateMeter } from "../parts/badge.js";
import { filterBar, filterQuery } from "../parts/filter_bar.js";
import { LongList } from "../parts/long_list.js";
import { lookTabs, queueActions } from "../parts/queue_actions.js";
import { bars } from "../parts/sparkline.js";

const EVERY_MS = 5000;
const PAGE = 500;

function builds(group) {
  return group.builds.map(({ version }) => version || "?").filter((each, index, all) => all.indexOf(each) === index);
}

// Of letters that came back: recovered against failed again.
export function successText(group) {
  const known = group.letters.recovered + group.refailures;
  return known > 0 ? `${percent(group.letters.recovered / known)} of what was sent back recovered` : null;
}

function cells(group) {
  const versions = builds(group).join(", ");
  return [
    [el("div", {}, el("b", {}, group.error_type || "no type"), " ", el("span", { class: "badge" }, group.source)), el("div", { class: "sub", title: group.error_message }, group.error_message)],
    bars(group.half_hours, { width: 144 }),
    [el("div", { class: "number", title: successText(group) }, shortCount(group.count)), stateMeter(group.letters, { slim: true })],
    [el("div", { title: group.functions.join(", ") }, group.functions[0] ?? "–"), group.functions.length > 1 && el("div", { class: "sub" }, `and ${count(group.functions.length - 1)} more`)],
    el("div", { title: versions }, versions || "–"),
    [el("div", {}, timeOf(group.last_seen)), el("div", { class: "sub" }, "first ", timeOf(group.first_seen))],
  ];
}

export async function show(page, { path, query }) {
  const queue = path[1];
  const asked = (after) => {
    const out = filterQuery(query);
    out.set("limit", String(PAGE));
    if (after) out.set("after", after);
    return out;
  };
  const list = new LongList({
    kind: "groups",
    label: `Groups of ${queue}`,
    columns: [["Cause"], ["Last 24 hours"], ["Letters", "number"], ["Functions"], ["Versions"], ["Last seen"]],
    height: 52,
    narrowHeight: 82,
    signal: page.signal,
    empty: "No letters meet this filter.",
    address: (group) => link(["queues", queue, "letters"], groupQuery(query, group)),
    cells,
    read: async (after) => {
      const { groups, total, next } = await get(at("queues", queue, "groups"), asked(after), page.signal);
      return { rows: groups, total, next };
    },
  });
  page.title(queue, { crumbs: [["Queues", link(["queues"])]], actions: queueActions(page, queue, query) });
  page.show(filterBar(path, query), lookTabs(queue, query, "groups"), list.node);
  list.useKeys(page.keys);
  let first = true;
  const read = async () => {
    if (first || list.atTop) await list.reload();
    first = false;
  };
  await page.poll(EVERY_MS, read);
  const poll = page.keys.r;
  page.keys.r = () => ((first = true), poll());
}

function groupQuery(query, group) {
  const out = filterQuery(query);
  out.set("group", group.group);
  return out;
}
