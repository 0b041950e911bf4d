// SPDX-License-Identifier: Apache-2.0
// What can be done with all letters that a filter means.

import { go, queryText } from "../base/address.js";
import { at, post } from "../base/api.js";
import { el } from "../base/dom.js";
import { plural } from "../base/format.js";
import { say } from "../base/page.js";
import { actionButton } from "./button.js";
import { formDialog } from "./dialog.js";
import { filterBody, filterQuery, filterText } from "./filter_bar.js";

export async function discard(page, queue, query) {
  const done = await formDialog({
    title: "Discard letters?",
    says: [
      el("p", {}, `All letters of ${queue} with: ${filterText(query)}.`),
      el("p", { class: "hint" }, "They stay in the queue as long as it keeps its records, and can be looked at with the state “discarded”."),
    ],
    fields: [{ name: "reason", label: "Reason", required: true, autocomplete: "off" }],
    done: "Discard",
    danger: true,
    send: ({ reason }) => post(at("queues", queue, "discard"), { filter: filterBody(query), reason }),
  });
  if (!done) return;
  say(`${plural(done.reply.discarded, "letter")} discarded`);
  page.keys.r?.();
}

export function queueActions(page, queue, query) {
  const form = (kind) => () => go(["queues", queue, kind], queryText(filterQuery(query)) ? filterQuery(query) : {});
  page.keys.x = form("redrive");
  page.keys.v = form("try");
  return [
    actionButton({ text: "Try a build…", key: "v", run: form("try") }),
    actionButton({ text: "Redrive…", key: "x", kind: "main", run: form("redrive") }),
    actionButton({ text: "Discard…", kind: "danger", run: () => discard(page, queue, query) }),
  ];
}

// Groups and letters are two ways to look at one selection.
export function lookTabs(queue, query, current) {
  const tab = (name) => el("button", { type: "button", role: "tab", "aria-selected": String(name === current), on: { click: () => go(["queues", queue, name], filterQuery(query)) } }, name === "groups" ? "Groups" : "Letters");
  return el("div", { class: "tabs", role: "tablist", "aria-label": "Look at" }, tab("groups"), tab("letters"));
}
