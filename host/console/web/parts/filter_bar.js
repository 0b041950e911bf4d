// SPDX-License-Identifier: Apache-2.0
// Which letters are meant: the fields of the host's filter, kept in the address.

import { el, replace } from "../base/dom.js";
import { link, refine } from "../base/address.js";
import { STATES } from "./badge.js";

const PLAIN = ["type", "function", "since", "until", "group", "where"];
const RARE = ["until", "group", "match", "where"];
const KEYS = [...PLAIN, "match", "state"];

// Of an address: only what is the filter's, as the API takes it in a query string.
export function filterQuery(query) {
  const out = new URLSearchParams();
  for (const [key, value] of query) if (KEYS.includes(key) && value !== "") out.append(key, value);
  return out;
}

// The same as the object of a request's body.
export function filterBody(query) {
  const body = {};
  for (const key of PLAIN) if (query.get(key)) body[key] = query.get(key);
  for (const key of ["match", "state"]) {
    const values = query.getAll(key).filter(Boolean);
    if (values.length > 0) body[key] = values;
  }
  return body;
}

// In words, for what is about to be done.
export function filterText(query) {
  const parts = [...filterQuery(query)].map(([key, value]) => `${key} ${value}`);
  if (!query.has("state")) parts.push("state open");
  return parts.join(", ");
}

function input(query, name, label, placeholder, wide = false) {
  return el("label", { class: wide && "wide" }, label, el("input", { name, placeholder, spellcheck: "false", autocomplete: "off", set: { value: query.get(name) ?? "" } }));
}

function stateBoxes(query) {
  const given = query.getAll("state");
  const on = given.length === 0 ? ["open"] : given.includes("all") ? STATES : given;
  return el(
    "fieldset",
    { class: "states" },
    el("legend", {}, "State"),
    STATES.map((state) => el("label", { class: "check" }, el("input", { type: "checkbox", name: "state", value: state, checked: on.includes(state) }), state)),
  );
}

function stateValues(form) {
  const on = [...form.querySelectorAll("input[name=state]:checked")].map((box) => box.value);
  if (on.length === STATES.length || on.length === 0) return ["all"];
  return on.length === 1 && on[0] === "open" ? [] : on;
}

function queryOf(form) {
  const query = {};
  for (const name of PLAIN) query[name] = form.elements[name]?.value.trim();
  query.match = [...form.querySelectorAll("input[name=match]")].map((each) => each.value.trim());
  query.state = stateValues(form);
  return query;
}

function matchFields(query) {
  const values = query.getAll("match");
  return [...values, ""].map((value) => el("label", { class: "wide" }, "Value in the original", el("input", { name: "match", placeholder: "/order/id=17", spellcheck: "false", autocomplete: "off", set: { value } })));
}

// Each change is an address of its own, and so a view that can be linked.
export function filterBar(path, query, { fixed = [] } = {}) {
  const rare = el("div", { class: "filter-line", hidden: !RARE.some((key) => query.get(key) && !fixed.includes(key)) });
  replace(
    rare,
    !fixed.includes("group") && input(query, "group", "Group", "fingerprint"),
    input(query, "until", "Until", "1h, or 2027-01-31T00:00:00Z"),
    matchFields(query),
    input(query, "where", "Where (SQL)", "attempts > 1 and plugin_version = '1.0.0'", true),
  );
  const show = () => {
    rare.hidden = !rare.hidden;
    more.setAttribute("aria-expanded", String(!rare.hidden));
  };
  const more = el("button", { type: "button", "aria-expanded": String(!rare.hidden), on: { click: show } }, "More");
  const apply = (event) => {
    event?.preventDefault();
    const kept = Object.fromEntries(fixed.map((key) => [key, query.get(key)]));
    refine(path, { ...queryOf(form), ...kept });
  };
  const form = el(
    "form",
    { class: "filter", role: "search", "aria-label": "Filter", on: { submit: apply, change: (event) => event.target.type === "checkbox" && apply() } },
    el(
      "div",
      { class: "filter-line" },
      input(query, "type", "Error type", "std::* (glob)"),
      input(query, "function", "Function", "any"),
      input(query, "since", "Since", "15m, 2h, 3d, or a time"),
      el("button", { type: "submit" }, "Filter"),
      more,
      filterQuery(query).size > fixed.length && el("a", { class: "button", href: link(path, Object.fromEntries(fixed.map((key) => [key, query.get(key)]))) }, "Clear"),
    ),
    rare,
    stateBoxes(query),
  );
  return form;
}
