// SPDX-License-Identifier: Apache-2.0
// What a candidate build did with the letters, group by group.

import { link } from "../base/address.js";
import { at, get, post } from "../base/api.js";
import { el, replace } from "../base/dom.js";
import { count, percent, plural } from "../base/format.js";
import { say } from "../base/page.js";
import { badge, legend, meter } from "../parts/badge.js";
import { actionButton } from "../parts/button.js";
import { unifiedNode } from "../parts/diff.js";
import { facts } from "../parts/facts.js";
import { panel, Table, walkTables } from "../parts/table.js";

const EVERY_MS = 700;

const passed = (group) => group.would_pass.delivered + group.would_pass.filtered;
const failed = (group) => group.still_fails.same_cause + group.still_fails.other_cause;
const untried = (group) => group.not_tried.reduce((sum, each) => sum + each.count, 0);

function verdict(group) {
  if (passed(group) === group.letters) return badge("passes", "good");
  if (passed(group) === 0 && failed(group) > 0) return badge("still fails", "bad");
  return badge(failed(group) > 0 ? "partly" : "not tried", "warn");
}

// Symbols of C++ can take half a page.
function message(before, text) {
  return el("div", { class: "sub clamp", title: text }, before, text);
}

function details(group) {
  return [
    group.other_causes.map((cause) => message(`${count(cause.count)} × other cause, ${cause.error_type}: `, cause.error_message)),
    group.not_tried.map((each) => el("div", { class: "sub" }, `not tried: ${each.reason} (${count(each.count)})`)),
    group.outputs.compared > 0 && el("div", { class: "sub" }, `${count(group.outputs.differ)} of ${plural(group.outputs.compared, "output")} differ`),
  ];
}

function groupTable(queue) {
  return new Table({
    label: "By group",
    empty: "No group yet.",
    key: (group) => `${group.group} ${group.function}`,
    open: (group) => group.group && (location.hash = link(["queues", queue, "letters"], { group: group.group })),
    columns: [
      { name: "Group", kind: "wrap", cell: (group) => [el("b", {}, group.error_type ?? "no type"), " ", verdict(group), message("", group.error_message), details(group)] },
      { name: "Function", kind: "tight", cell: (group) => group.function ?? "–" },
      { name: "Letters", kind: "number", cell: (group) => count(group.letters) },
      { name: "Would pass", kind: "number", cell: (group) => count(passed(group)) },
      { name: "Same cause", kind: "number", cell: (group) => count(group.still_fails.same_cause) },
      { name: "Other cause", kind: "number", cell: (group) => count(group.still_fails.other_cause) },
      { name: "Next", kind: "tight", cell: (group) => (passed(group) > 0 && group.group ? el("a", { href: link(["queues", queue, "redrive"], { group: group.group }) }, "Redrive…") : "") },
    ],
  });
}

function goodTable() {
  return new Table({
    label: "Records that the running build passes",
    empty: "None were compared.",
    key: (good) => good.function,
    columns: [
      { name: "Function", kind: "wrap", cell: (good) => [good.function, good.not_compared && el("div", { class: "sub" }, good.not_compared)] },
      { name: "Records", kind: "number", cell: (good) => count(good.records) },
      { name: "Same", kind: "number", cell: (good) => count(good.same) },
      { name: "Differ", kind: "number", cell: (good) => el("span", { class: good.differ > 0 && "loud" }, count(good.differ)) },
      { name: "Fail now", kind: "number", cell: (good) => el("span", { class: good.fail > 0 && "loud" }, count(good.fail)) },
    ],
  });
}

function diffPart(heading, diffs) {
  return diffs.map(({ record, diff }) => el("div", {}, el("h3", {}, heading(record)), unifiedNode(diff)));
}

function diffPanel(report, groups) {
  const letter = (group) => (id) => [group.error_type ?? "no type", ", letter ", el("a", { href: link(["letters", id]) }, el("code", {}, id))];
  const record = (good) => (place) => [good.function, ", record ", el("code", {}, place)];
  const parts = [...groups.map((group) => diffPart(letter(group), group.diffs)), ...report.good_records.map((good) => diffPart(record(good), good.diffs))].flat();
  return parts.length > 0 && panel("What comes out, against the running build", el("div", { class: "inside body" }, parts));
}

function summary({ report, selected, state }) {
  const parts = [["good", report.would_pass], ["bad", report.still_fails], ["still", report.not_tried]];
  const known = report.would_pass + report.still_fails;
  return panel(
    "Result",
    el("div", { class: "inside progress" }, meter(parts, { of: selected, label: `${report.would_pass} would pass, ${report.still_fails} still fail, of ${selected}` }), legend([["good", report.would_pass, "would pass"], ["bad", report.still_fails, "still fail"], ["still", report.not_tried, "not tried"]]), facts([
      ["Candidate", `${report.plugin.name} ${report.plugin.version}`],
      ["Build id", report.plugin.build_id && el("code", {}, report.plugin.build_id)],
      ["File", report.plugin.file && el("code", {}, report.plugin.file)],
      ["Letters", `${count(report.letters)} of ${count(selected)}`],
      ["Would pass", known > 0 && percent(report.would_pass / known)],
    ])),
    badge(state),
  );
}

function progress(job) {
  return el("div", { class: "inside" }, job.state === "running" ? `Trying ${plural(job.selected, "letter")}…` : "No letter was tried.");
}

function heading(page, id, job) {
  const { queue, plugin } = job?.report ?? {};
  const crumbs = [["Queues", link(["queues"])]];
  if (queue) crumbs.push([queue, link(["queues", queue, "groups"])]);
  const cancel = actionButton({ text: "Cancel", kind: "danger", run: () => page.run(() => post(at("tries", id, "cancel"))) });
  page.title("Trial", { crumbs, note: plugin?.name ? `${plugin.name} ${plugin.version}` : el("code", {}, id), actions: job?.state === "running" ? [cancel] : [] });
}

export async function show(page, { path: [, id] }) {
  const out = el("div", { class: "body" });
  heading(page, id, null);
  page.show(out);
  let ended = false;
  let state = "";
  await page.poll(EVERY_MS, async () => {
    const job = await get(at("tries", id), null, page.signal);
    const report = job.report;
    if (job.state !== state) heading(page, id, job);
    state = job.state;
    if (job.error || !report?.groups.length) {
      replace(out, panel("Trial", job.error ? el("p", { class: "inside refusal" }, job.error) : progress(job), badge(job.state)));
      return job.state === "running";
    }
    const groups = groupTable(report.queue);
    const good = goodTable();
    const largestFirst = [...report.groups].sort((a, b) => b.letters - a.letters);
    groups.update(largestFirst);
    good.update(report.good_records);
    walkTables(page, groups, good);
    replace(out, summary(job), panel("By group", groups.node), panel("Records that the running build passes", good.node), diffPanel(report, largestFirst));
    if (job.state !== "running" && !ended) say(`The trial has ended: ${count(report.would_pass)} of ${count(job.selected)} would pass`);
    ended = job.state !== "running";
    return !ended;
  });
}
