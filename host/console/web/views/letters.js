// SPDX-License-Identifier: Apache-2.0
// Letters of a queue, or of one group of it, the newest first.

import { link } from "../base/address.js";
import { at, get } from "../base/api.js";
import { el, replace } from "../base/dom.js";
import { bytes, count, duration, plural } from "../base/format.js";
import { timeOf } from "../base/page.js";
import { badge, legend, STATES, stateMeter } from "../parts/badge.js";
import { facts } from "../parts/facts.js";
import { filterBar, filterQuery } from "../parts/filter_bar.js";
import { LongList } from "../parts/long_list.js";
import { lookTabs, queueActions } from "../parts/queue_actions.js";
import { bars } from "../parts/sparkline.js";
import { panel } from "../parts/table.js";
import { successText } from "./groups.js";

const EVERY_MS = 5000;
const PAGE = 500;

function originText(letter) {
  const { route, stream, partition, offset } = letter.origin;
  return stream ? `${stream}/${partition}@${offset}` : `/ingest/${route}`;
}

function cells(letter) {
  return [
    el("code", { title: letter.id }, letter.id.slice(0, 10)),
    badge(letter.state),
    [el("div", {}, el("b", {}, letter.error_type)), el("div", { class: "sub", title: letter.error_message }, letter.error_message)],
    [el("div", {}, letter.function || "–"), el("div", { class: "sub" }, letter.plugin.version)],
    el("div", { title: originText(letter) }, originText(letter)),
    [el("div", {}, timeOf(letter.failed_at)), el("div", { class: "sub" }, bytes(letter.size))],
  ];
}

function groupPanel(group) {
  const states = STATES.filter((state) => group.letters[state] > 0).map((state) => [state, group.letters[state]]);
  return panel(
    "Group",
    el(
      "div",
      { class: "inside columns" },
      facts([
        ["Message", el("div", { class: "clamp", title: group.error_message }, group.error_message)],
        ["Functions", group.functions.join(", ")],
        ["Builds", group.builds.map(({ plugin, version, build_id: id }) => el("div", {}, `${plugin} ${version} `, el("code", { class: "faint" }, (id ?? "").slice(0, 12))))],
        ["Seen", [timeOf(group.first_seen), " to ", timeOf(group.last_seen)]],
        ["Failed again", group.refailures > 0 && plural(group.refailures, "time")],
        ["Success", successText(group)],
        ["To recovery", group.mean_recovery_ms !== null && `${duration(group.mean_recovery_ms / 1000)} on average, of ${plural(group.recoveries, "letter")}`],
        ["Samples", group.samples.map((id) => [el("a", { href: link(["letters", id]) }, el("code", {}, id.slice(0, 10))), " "])],
      ]),
      el("div", { class: "progress" }, stateMeter(group.letters), legend(states), bars(group.half_hours, { width: 400, height: 44 })),
    ),
    el("code", { class: "faint" }, group.group),
  );
}

export async function show(page, { path, query }) {
  const queue = path[1];
  const fingerprint = query.get("group");
  const about = el("div");
  const asked = (after) => {
    const out = filterQuery(query);
    out.set("limit", String(PAGE));
    if (after) out.set("after", after);
    return out;
  };
  const list = new LongList({
    kind: "letters",
    label: `Letters of ${queue}`,
    columns: [["Letter"], ["State"], ["Error"], ["Function"], ["From"], ["Failed"]],
    height: 48,
    narrowHeight: 52,
    signal: page.signal,
    empty: "No letters meet this filter.",
    address: (letter) => link(["letters", letter.id]),
    cells,
    read: async (after) => {
      const { letters, next } = await get(at("queues", queue, "letters"), asked(after), page.signal);
      return { rows: letters, next, total: null };
    },
  });
  const crumbs = [["Queues", link(["queues"])]];
  if (fingerprint) crumbs.push([queue, link(["queues", queue, "groups"])]);
  page.title(fingerprint ? "Group" : queue, { crumbs, actions: queueActions(page, queue, query) });
  page.show(about, filterBar(path, query, { fixed: fingerprint ? ["group"] : [] }), !fingerprint && lookTabs(queue, query, "letters"), list.node);
  list.useKeys(page.keys);
  let titled = null; // drawn anew only when it changes: somebody may have the focus on its buttons
  const readGroup = async () => {
    const { groups } = await get(at("queues", queue, "groups"), new URLSearchParams({ group: fingerprint, state: "all", limit: 1 }), page.signal);
    if (groups.length === 0) return replace(about);
    if (groups[0].count !== titled) page.title(groups[0].error_type || "Group", { crumbs, actions: queueActions(page, queue, query), note: `${count(groups[0].count)} letters` });
    titled = groups[0].count;
    replace(about, groupPanel(groups[0]));
  };
  let first = true;
  await page.poll(EVERY_MS, async () => {
    if (fingerprint) await readGroup();
    if (first || list.atTop) await list.reload();
    first = false;
  });
  const poll = page.keys.r;
  page.keys.r = () => ((first = true), poll());
}
