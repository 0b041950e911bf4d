// SPDX-License-Identifier: Apache-2.0
// Letters sent back: which, where to, how fast; counted first, started then.

import { go, link } from "../base/address.js";
import { at, post } from "../base/api.js";
import { el, replace } from "../base/dom.js";
import { count, plural } from "../base/format.js";
import { actionButton } from "../parts/button.js";
import { filterBar, filterBody, filterText } from "../parts/filter_bar.js";
import { panel } from "../parts/table.js";

function fields() {
  return {
    rate: el("input", { name: "rate", type: "number", min: 0, step: 1, inputmode: "numeric", set: { value: "500" } }),
    to: el("input", { name: "to", placeholder: "the function that failed", spellcheck: "false", autocomplete: "off" }),
    over: el("input", { name: "over", type: "checkbox" }),
    most: el("input", { name: "most", type: "number", min: 0, max: 100, step: 1, inputmode: "numeric", set: { value: "50" } }),
  };
}

function bodyOf({ rate, to, most, over }, query, dryRun) {
  const body = { filter: filterBody(query), rate: Number(rate.value) || 0, max_refailure_ratio: Number(most.value) / 100, over_budget: over.checked, dry_run: dryRun };
  if (to.value.trim()) body.to = to.value.trim();
  return body;
}

// Of a dry run.
function planned(plan) {
  const list = (numbers, text) => Object.entries(numbers).map(([name, number]) => el("li", {}, `${text(name)}: ${count(number)}`));
  return [
    el("p", {}, el("b", {}, plural(plan.selected, "letter")), " would be taken. Nothing has been done."),
    el("ul", {}, list(plan.to, (name) => `to ${name}`), list(plan.left_out, (reason) => `left out, ${reason}`)),
  ];
}

export async function show(page, { path, query }) {
  const queue = path[1];
  const given = fields();
  const found = el("div", { role: "status" });
  const refused = el("p", { class: "refusal", role: "alert" });
  const ask = (dryRun, then) => async () => {
    if (!given.rate.reportValidity() || !given.most.reportValidity()) return;
    replace(refused);
    try {
      then(await post(at("queues", queue, "redrives"), bodyOf(given, query, dryRun), page.signal));
    } catch (error) {
      replace(refused, error.message);
    }
  };
  const dryRun = ask(true, (plan) => replace(found, planned(plan)));
  const start = ask(false, (job) => go(["redrives", job.id]));
  const form = el(
    "form",
    { class: "inside body", on: { submit: (event) => (event.preventDefault(), dryRun()) } },
    el("p", {}, "Each letter goes to the function that failed on it, and to nobody else. What is selected is fixed when it starts; what fails again comes back as the same letter."),
    el("p", {}, "Letters: ", el("b", {}, filterText(query))),
    el("div", { class: "filter-line" }, el("label", {}, "Letters per second (0: as fast as they are taken)", given.rate), el("label", {}, "Stops itself when this many per cent fail again", given.most), el("label", {}, "To a stream instead", given.to)),
    el("label", { class: "check" }, given.over, "Also letters that have failed too often to be sent back again"),
    found,
    refused,
    el("div", { class: "actions" }, actionButton({ text: "Dry run", run: dryRun }), actionButton({ text: "Start the redrive", kind: "main", run: start })),
  );
  page.title("Redrive", { crumbs: [["Queues", link(["queues"])], [queue, link(["queues", queue, "groups"])]] });
  page.show(filterBar(path, query), panel("Send back", form));
}
