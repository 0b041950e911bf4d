// SPDX-License-Identifier: Apache-2.0
// A look into one stream: a partition, from an offset on. Consumes nothing.

import { link, refine } from "../base/address.js";
import { at, get } from "../base/api.js";
import { el, replace } from "../base/dom.js";
import { count, plural, stamp } from "../base/format.js";
import { actionButton } from "../parts/button.js";
import { bytesView, shortText } from "../parts/bytes_view.js";
import { headerList } from "../parts/header_list.js";

function details(record) {
  return el(
    "div",
    {},
    record.key !== null && el("section", {}, el("h3", {}, "Key"), bytesView(record.key)),
    record.headers.length > 0 && el("section", {}, el("h3", {}, "Headers"), headerList(record.headers)),
    el("section", {}, el("h3", {}, "Value"), bytesView(record.value)),
  );
}

// What is in it is laid out only when somebody opens it.
function recordNode(record) {
  const node = el(
    "details",
    { class: "record" },
    el("summary", {}, el("span", {}, count(record.offset)), el("span", { class: "faint" }, stamp(record.timestamp)), shortText(record.key, 60), shortText(record.value)),
  );
  node.addEventListener("toggle", () => node.open && node.children.length === 1 && node.append(details(record)));
  return node;
}

function place(path, query) {
  const go = (event) => {
    event.preventDefault();
    const { partition, offset, limit } = event.target.elements;
    refine(path, { partition: partition.value, offset: offset.value, limit: limit.value });
  };
  const number = (name, label, value) => el("label", {}, label, el("input", { name, type: "number", min: 0, inputmode: "numeric", placeholder: name === "offset" ? "the newest" : null, set: { value } }));
  return el(
    "form",
    { class: "filter filter-line", "aria-label": "Where to look", on: { submit: go } },
    number("partition", "Partition", query.get("partition") ?? "0"),
    number("offset", "From offset", query.get("offset") ?? ""),
    number("limit", "Records", query.get("limit") ?? "50"),
    el("button", { type: "submit" }, "Look"),
  );
}

function partitionText(partitions, asked) {
  const one = partitions.find((each) => each.partition === asked);
  const range = one ? (one.end > one.begin ? `holds ${count(one.begin)} to ${count(one.end - 1)}` : "is empty") : "is not there";
  return `Partition ${asked} of ${partitions.length} ${range}`;
}

function walkRecords(page, list) {
  const move = (step) => {
    const all = [...list.querySelectorAll("summary")];
    const now = all.indexOf(document.activeElement);
    all[Math.min(all.length - 1, Math.max(0, now + step))]?.focus();
  };
  page.keys.j = () => move(1);
  page.keys.k = () => move(-1);
}

export async function show(page, { path, query }) {
  const name = path[1];
  const list = el("div");
  const note = el("h2");
  const steps = el("div", { class: "actions" });
  page.title(name, { crumbs: [["Streams", link(["streams"])]], note: "Looking consumes nothing." });
  page.show(place(path, query), el("section", { class: "panel", "aria-label": "Records" }, el("header", {}, note, steps), list));
  walkRecords(page, list);
  const asked = new URLSearchParams([...query].filter(([key, value]) => ["partition", "offset", "limit", "reveal"].includes(key) && value !== ""));
  if (!asked.has("limit")) asked.set("limit", "50");
  page.keys.r = () => page.run(read);
  const read = async () => {
    const { records, partition, next, partitions } = await get(at("streams", name, "records"), asked, page.signal);
    const here = partitions.find((each) => each.partition === partition);
    const size = Number(asked.get("limit"));
    const from = records.length > 0 ? records[0].offset : next;
    const to = (offset) => () => refine(path, { ...Object.fromEntries(asked), offset });
    replace(note, partitionText(partitions, partition));
    replace(
      steps,
      records.some((record) => record.masked) && actionButton({ text: "Reveal", right: "reveal", run: () => refine(path, { ...Object.fromEntries(asked), reveal: "true" }) }),
      here && from > here.begin && actionButton({ text: "Older", right: "view", run: to(Math.max(here.begin, from - size)) }),
      here && next < here.end && actionButton({ text: "Newer", right: "view", run: to(next) }),
      actionButton({ text: "Newest", right: "view", run: () => (asked.has("offset") ? to("")() : page.run(read)) }),
    );
    replace(list, records.length > 0 ? records.map(recordNode) : el("div", { class: "empty" }, `No records from here on (${plural(partitions.length, "partition")}).`));
    page.seen();
  };
  await read();
}
