// SPDX-License-Identifier: Apache-2.0
// One redrive while it goes: how far, how many recover, and its brakes.

import { link } from "../base/address.js";
import { at, get, post } from "../base/api.js";
import { el, replace } from "../base/dom.js";
import { count, duration, percent, rate, stamp } from "../base/format.js";
import { say, timeOf } from "../base/page.js";
import { legend } from "../parts/badge.js";
import { actionButton } from "../parts/button.js";
import { facts } from "../parts/facts.js";
import { filterText } from "../parts/filter_bar.js";
import { line } from "../parts/sparkline.js";
import { panel } from "../parts/table.js";
import { jobBadge, progressMeter } from "./redrives.js";

const EVERY_MS = 600;
const EVERY_ENDED_MS = 5000;
const SEEN = 100;
const OVER_LOOKS = 6;

const ended = (job) => job.state === "done" || job.state === "cancelled";

function order(page, job, verb, text, kind = "") {
  return actionButton({
    text,
    kind,
    run: () => page.run(async () => {
      await post(at("redrives", job.id, verb));
      say(`${text}: done`);
      await page.keys.r();
    }),
  });
}

function orders(page, job) {
  if (ended(job)) return [];
  return [
    job.state === "running" ? order(page, job, "pause", "Pause") : order(page, job, "resume", "Resume", "main"),
    order(page, job, "cancel", "Cancel", "danger"),
  ];
}

function numbers(job, speeds) {
  const tile = (name, text, extra = null, kind = null) => el("div", { class: "tile" }, el("div", { class: "name" }, name), el("b", { class: kind }, text), extra);
  return el(
    "section",
    { class: "tiles", "aria-label": "Numbers" },
    tile("Success ratio", percent(job.success_ratio), el("span", { class: "hint" }, "of those whose end is known")),
    tile("Sent", count(job.sent), el("span", { class: "hint" }, `of ${count(job.selected)} selected`)),
    tile("Recovered", count(job.recovered)),
    tile("Failed again", count(job.failed_again), null, job.failed_again > 0 && "loud"),
    tile("Under way", count(job.in_flight)),
    tile("Sent per second", rate(speeds.at(-1) ?? 0), line(speeds, { label: "Sent per second since this page was opened" })),
  );
}

// The filter as it was asked for, in the words of the filter bar.
function asked(filter) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(filter ?? {})) for (const one of [value].flat()) query.append(key, one);
  return filterText(query);
}

function about(job) {
  const reasons = Object.entries(job.left_out_reasons).map(([reason, number]) => el("div", {}, `${reason}: ${count(number)}`));
  return panel("About", el("div", { class: "inside" }, facts([
    ["Queue", el("a", { href: link(["queues", job.queue, "groups"]) }, job.queue)],
    ["To", job.to ?? "the functions that failed"],
    ["Letters", asked(job.filter)],
    ["Left out", reasons.length > 0 && reasons],
    ["Rate", job.rate ? `${count(job.rate)} per second` : "as fast as they are taken"],
    ["Stops above", `${percent(job.max_refailure_ratio)} failed again`],
    ["Begun", [timeOf(job.created_at), ` by ${job.by}`]],
    ["Ended", job.ended_at && `${stamp(job.ended_at)} UTC, after ${duration((Date.parse(job.ended_at) - Date.parse(job.created_at)) / 1000)}`],
  ])));
}

// Letters per second over the last few looks: the host's own numbers move in steps.
class Speed {
  constructor() {
    this.values = [];
    this.looks = [];
  }
  look(sent) {
    const now = performance.now();
    this.looks.push({ sent, now });
    if (this.looks.length > OVER_LOOKS) this.looks.shift();
    const { sent: before, now: then } = this.looks[0];
    if (now > then) this.values.push((1000 * Math.max(0, sent - before)) / (now - then));
    if (this.values.length > SEEN) this.values.shift();
  }
}

export async function show(page, { path: [, id] }) {
  const out = el("div", { class: "body" });
  const speed = new Speed();
  let state = "";
  let told = 0; // quarters of the way that have been said aloud
  page.title("Redrive", { crumbs: [["Redrives", link(["redrives"])]], note: el("code", {}, id) });
  page.show(out);
  await page.poll(EVERY_MS, async () => {
    const job = await get(at("redrives", id), null, page.signal);
    speed.look(job.sent);
    if (job.state !== state) {
      page.title("Redrive", { crumbs: [["Redrives", link(["redrives"])]], note: [jobBadge(job), " ", el("code", {}, id)], actions: orders(page, job) });
      if (state) say(`The redrive is ${job.state}: ${count(job.recovered)} recovered, ${count(job.failed_again)} failed again`);
      state = job.state;
    }
    const quarters = Math.floor((4 * job.sent) / Math.max(1, job.selected));
    if (quarters > told && job.state === "running") say(`${count(job.sent)} of ${count(job.selected)} sent, ${percent(job.success_ratio)} of those known recovered`);
    told = Math.max(told, quarters);
    replace(
      out,
      job.reason && el("p", { class: "problem" }, job.reason),
      job.trouble && el("p", { class: "problem" }, job.trouble),
      panel("Progress", el("div", { class: "inside progress" }, progressMeter(job), legend([["good", job.recovered, "recovered"], ["bad", job.failed_again, "failed again"], ["note", job.in_flight, "under way"], ["still", job.left_out, "left out"]])), jobBadge(job)),
      numbers(job, speed.values),
      about(job),
    );
    if (ended(job)) page.slower(EVERY_ENDED_MS);
  });
}
