// SPDX-License-Identifier: Apache-2.0
import { link } from "../base/address.js";
import { at, get } from "../base/api.js";
import { el } from "../base/dom.js";
import { count, percent } from "../base/format.js";
import { timeOf } from "../base/page.js";
import { badge, meter } from "../parts/badge.js";
import { panel, Table, walkTables } from "../parts/table.js";

const EVERY_MS = 2000;

// Of all that was selected, in the order it goes through.
export function progressParts(job) {
  return [["good", job.recovered], ["bad", job.failed_again], ["note", job.sent - Math.min(job.sent, job.recovered + job.failed_again)], ["still", job.left_out]];
}

export function progressMeter(job, options = {}) {
  const label = `${count(job.sent)} of ${count(job.selected)} sent, ${count(job.recovered)} recovered, ${count(job.failed_again)} failed again`;
  return meter(progressParts(job), { of: job.selected, label, ...options });
}

export function jobBadge(job) {
  return badge(job.state, job.state === "running" ? "info" : undefined);
}

function table() {
  return new Table({
    label: "Redrives",
    empty: "Nothing has been sent back yet. Choose letters in a queue, then “Redrive”.",
    key: (job) => job.id,
    open: (job) => (location.hash = link(["redrives", job.id])),
    columns: [
      { name: "Redrive", kind: "tight", cell: (job) => [el("a", { href: link(["redrives", job.id]) }, el("code", {}, job.id)), el("div", { class: "sub" }, `by ${job.by}`)] },
      { name: "State", kind: "tight", cell: (job) => jobBadge(job) },
      { name: "Queue", kind: "wrap", cell: (job) => [job.queue, job.to && el("div", { class: "sub" }, `to ${job.to}`)] },
      { name: "Progress", kind: "wrap", cell: (job) => [progressMeter(job), el("div", { class: "sub" }, `${count(job.sent)} of ${count(job.selected)} sent`)] },
      { name: "Success", kind: "number", cell: (job) => percent(job.success_ratio) },
      { name: "Begun", kind: "tight", cell: (job) => timeOf(job.created_at) },
    ],
  });
}

export async function show(page) {
  const redrives = table();
  page.title("Redrives");
  page.show(panel("Redrives", redrives.node));
  walkTables(page, redrives);
  await page.poll(EVERY_MS, async () => redrives.update((await get(at("redrives"), null, page.signal)).redrives));
}
