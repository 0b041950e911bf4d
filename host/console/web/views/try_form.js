// SPDX-License-Identifier: Apache-2.0
// A candidate build on the dead letters that a filter means: what to try.

import { go, link } from "../base/address.js";
import { at, post } from "../base/api.js";
import { el, replace } from "../base/dom.js";
import { actionButton } from "../parts/button.js";
import { filterBar, filterBody, filterText } from "../parts/filter_bar.js";
import { panel } from "../parts/table.js";

export async function show(page, { path, query }) {
  const queue = path[1];
  const refused = el("p", { class: "refusal", role: "alert" });
  const plugin = el("input", { name: "plugin", required: true, placeholder: "/srv/builds/orders.so", spellcheck: "false", autocomplete: "off" });
  const diff = el("input", { type: "checkbox", name: "diff", checked: true });
  const start = async () => {
    if (!plugin.reportValidity()) return;
    replace(refused);
    try {
      const job = await post(at("queues", queue, "try"), { plugin: plugin.value.trim(), filter: filterBody(query), diff: diff.checked }, page.signal);
      go(["tries", job.id]);
    } catch (error) {
      replace(refused, error.message);
    }
  };
  const form = el(
    "form",
    { class: "inside body", on: { submit: (event) => (event.preventDefault(), start()) } },
    el("p", {}, "Each letter's record goes through the candidate in a worker process of its own. Nothing is written, and nothing is sent anywhere."),
    el("p", {}, "Letters: ", el("b", {}, filterText(query))),
    el("label", {}, "Plugin, a path on the host", plugin),
    el("label", { class: "check" }, diff, "Show how outputs differ from those of the running build"),
    refused,
    el("div", { class: "actions" }, actionButton({ text: "Try", kind: "main", run: start })),
  );
  page.title("Try a build", { crumbs: [["Queues", link(["queues"])], [queue, link(["queues", queue, "groups"])]] });
  page.show(filterBar(path, query), panel("Candidate", form));
  plugin.focus();
}
