// SPDX-License-Identifier: Apache-2.0
// What operators did, the newest first.

import { refine } from "../base/address.js";
import { at, get } from "../base/api.js";
import { el } from "../base/dom.js";
import { stamp } from "../base/format.js";
import { badge } from "../parts/badge.js";
import { panel, Table } from "../parts/table.js";

const PAGE = 200;

function table() {
  return new Table({
    label: "Audit log",
    empty: "Nothing has been changed or revealed.",
    key: (entry) => entry.id + entry.at,
    columns: [
      { name: "When (UTC)", kind: "tight", cell: (entry) => el("time", { datetime: entry.at, title: entry.at }, stamp(entry.at)) },
      { name: "Who", kind: "tight", cell: (entry) => [entry.who, el("div", { class: "sub" }, entry.from)] },
      { name: "What", kind: "wrap", cell: (entry) => [el("code", {}, entry.action), parameters(entry.parameters)] },
      { name: "Outcome", kind: "tight", cell: (entry) => [badge(entry.outcome, entry.outcome === "refused" ? "warn" : undefined), entry.status && el("span", { class: "faint" }, ` ${entry.status}`)] },
      { name: "Result", kind: "wrap", cell: (entry) => entry.result },
    ],
  });
}

function parameters(all) {
  const text = Object.entries(all).map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
  return text.length > 0 && el("div", { class: "sub" }, text.join(" · "));
}

function filter(path, query) {
  const apply = (event) => {
    event.preventDefault();
    const { who, action, since } = event.target.elements;
    refine(path, { who: who.value.trim(), action: action.value.trim(), since: since.value.trim() });
  };
  const input = (name, label, placeholder) => el("label", {}, label, el("input", { name, placeholder, autocomplete: "off", set: { value: query.get(name) ?? "" } }));
  return el(
    "form",
    { class: "filter filter-line", role: "search", "aria-label": "Filter", on: { submit: apply } },
    input("who", "Who", "any"),
    input("action", "What", "POST * (glob)"),
    input("since", "Since", "2027-01-31T00:00:00Z"),
    el("button", { type: "submit" }, "Filter"),
  );
}

export async function show(page, { path, query }) {
  const entries = table();
  const rows = [];
  const older = el("button", { type: "button", hidden: true, on: { click: () => page.run(() => read(rows.at(-1).at)) } }, "Older");
  page.title("Audit log");
  page.show(filter(path, query), panel("What was done", entries.node, older));
  const asked = (before) => {
    const out = new URLSearchParams([...query].filter(([key, value]) => ["who", "action", "since"].includes(key) && value));
    out.set("limit", String(PAGE));
    if (before) out.set("before", before);
    return out;
  };
  const read = async (before) => {
    const page_ = (await get(at("audit"), asked(before), page.signal)).entries;
    if (!before) rows.length = 0;
    rows.push(...page_);
    entries.update(rows);
    older.hidden = page_.length < PAGE;
    page.seen();
  };
  page.keys.r = () => page.run(() => read(""));
  await read("");
}
