// SPDX-License-Identifier: Apache-2.0
// One plugin: what runs, what is judged, what is held, what happened; and going back.

import { link } from "../base/address.js";
import { ApiError, at, get, post } from "../base/api.js";
import { el, replace } from "../base/dom.js";
import { count, plural, stamp } from "../base/format.js";
import { say, timeOf } from "../base/page.js";
import { badge } from "../parts/badge.js";
import { actionButton, copyButton } from "../parts/button.js";
import { formDialog } from "../parts/dialog.js";
import { facts } from "../parts/facts.js";
import { panel } from "../parts/table.js";
import { stateBadges } from "./plugins.js";

const EVERY_MS = 4000;
const BAD_EVENTS = /fail|refus|quarant|rolled|fault|crash/;

function about(plugin) {
  return panel(
    "Build",
    el("div", { class: "inside" }, facts([
      ["State", [stateBadges(plugin)]],
      ["Why", plugin.reason],
      ["Version", plugin.version],
      ["Goes back to", plugin.previous_version],
      ["Build id", plugin.build_id && el("code", {}, plugin.build_id)],
      ["SHA-256", plugin.sha256 && el("code", {}, plugin.sha256)],
      ["File", el("code", {}, plugin.file)],
      ["Signed by", plugin.signed_by && `${plugin.signed_by.name} ${plugin.signed_by.comment}`],
    ])),
    plugin.sha256 && copyButton(plugin.sha256, "Copy SHA-256"),
  );
}

function held(plugin) {
  if (!plugin.quarantine) return null;
  const { since, until, faults } = plugin.quarantine;
  return panel("Quarantine", el("div", { class: "inside" }, facts([
    ["Since", timeOf(since)],
    ["Until", until ? stamp(until) + " UTC" : "it is released or replaced"],
    ["Faults", count(faults)],
  ])), badge("quarantined"), "wrong");
}

function canary(plugin) {
  if (!plugin.canary) return null;
  const { stage, version, sha256, since, calls, broken } = plugin.canary;
  return panel("Canary", el("div", { class: "inside" }, facts([
    ["Stage", stage === "live" ? "live: it has a share of the records" : "trial: it sees copies"],
    ["Version", version],
    ["SHA-256", el("code", {}, sha256)],
    ["Since", timeOf(since)],
    ["Calls", count(calls)],
    ["Broken", [count(broken), broken > 0 && " calls in which it failed and its predecessor did not"]],
  ])), badge("canary"));
}

function history(events) {
  const item = (event) => el("li", {}, timeOf(event.at), el("span", {}, badge(event.event, BAD_EVENTS.test(event.event) ? "bad" : "info"), " ", event.version ?? "", event.sha256 && el("code", { class: "faint" }, ` ${event.sha256.slice(0, 12)}`), event.reason && el("div", { class: "faint" }, event.reason)));
  const list = [...events].reverse().map(item);
  return panel("What happened", el("div", { class: "inside" }, list.length ? el("ol", { class: "history" }, list) : el("p", { class: "faint" }, "Nothing since the host began.")), el("span", { class: "hint" }, plural(list.length, "event")));
}

function order(page, name, verb, text, explains) {
  return actionButton({
    text,
    run: async () => {
      const done = await formDialog({
        title: `${text}: ${name}?`,
        says: [el("p", {}, explains)],
        done: text,
        send: () => post(at("plugins", name, verb)),
      });
      if (!done) return;
      say(`${name}: done`);
      page.keys.r();
    },
  });
}

export async function show(page, { path: [, name] }) {
  const out = el("div", { class: "columns" });
  page.title(name, {
    crumbs: [["Plugins", link(["plugins"])]],
    actions: [
      order(page, name, "release", "Release", "It comes back from quarantine, or a build that was rolled back is tried again."),
      order(page, name, "rollback", "Roll back", "The version before takes over; this build is not taken up again until it is released."),
    ],
  });
  page.show(out);
  await page.poll(EVERY_MS, async () => {
    const { plugins } = await get(at("plugins"), null, page.signal);
    const plugin = plugins.find((each) => each.name === name);
    if (!plugin) throw new ApiError(404, `there is no plugin ${name}`);
    const text = JSON.stringify(plugin);
    if (text === out.dataset.seen) return;
    out.dataset.seen = text;
    replace(out, el("div", { class: "body" }, held(plugin), canary(plugin), about(plugin)), history(plugin.history));
  });
}
