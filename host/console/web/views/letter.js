// SPDX-License-Identifier: Apache-2.0
// One letter: why it failed, what it was, what became of it, and what can be done.

import { go, link } from "../base/address.js";
import { at, get, post } from "../base/api.js";
import { el, replace } from "../base/dom.js";
import { bytes, count, duration, plural } from "../base/format.js";
import { say, timeOf } from "../base/page.js";
import * as session from "../base/session.js";
import { badge } from "../parts/badge.js";
import { actionButton, copyButton, download } from "../parts/button.js";
import { bytesOf, bytesView, shortText } from "../parts/bytes_view.js";
import { formDialog } from "../parts/dialog.js";
import { diffNode } from "../parts/diff.js";
import { facts } from "../parts/facts.js";
import { headerList } from "../parts/header_list.js";
import { linesOf } from "../parts/json_text.js";
import { panel } from "../parts/table.js";
import { edit, originalOf } from "./edit.js";

function letterLink(id) {
  return el("a", { href: link(["letters", id]) }, el("code", {}, id));
}

function streamLink({ stream, partition, offset }) {
  return el("a", { href: link(["streams", stream], { partition, offset }) }, `${stream}, partition ${partition}, offset ${count(offset)}`);
}

function factsOf(letter) {
  const { origin = {}, plugin = {} } = letter;
  return facts([
    ["Error", el("b", {}, letter.error_type)],
    ["Message", letter.error_message],
    ["Function", letter.function || letter.source],
    ["Plugin", plugin.name && `${plugin.name} ${plugin.version}`],
    ["Build id", plugin.build_id && el("code", {}, plugin.build_id)],
    ["Failed", [timeOf(letter.failed_at), ` (${letter.failed_at})`]],
    ["Attempts", count(letter.attempts)],
    ["Failed again", letter.hops > 0 && `${plural(letter.hops, "time")} since`],
    ["First failure", letter.first_failure && `${letter.first_failure.error_type}: ${letter.first_failure.error_message} (${letter.first_failure.function}, ${letter.first_failure.failed_at})`],
    ["Came from", origin.stream ? streamLink(origin) : origin.route && `/ingest/${origin.route}, request ${origin.request_id}`],
    ["Stands in", streamLink({ stream: letter.stream, partition: letter.partition, offset: letter.offset })],
    ["Group", el("a", { href: link(["queues", letter.queue, "letters"], { group: letter.fingerprint, state: "all" }) }, el("code", {}, letter.fingerprint))],
    ["Digest", letter.digest && el("code", {}, letter.digest)],
    ["Edited from", letter.edited_from && letterLink(letter.edited_from)],
  ]);
}

function frames(fault) {
  if (!fault) return null;
  const item = (frame) => el("li", { class: frame.in_plugin && "own" }, el("code", {}, frame.function || "?"), " ", el("span", { class: "faint" }, frame.location));
  return panel("Fault", el("div", { class: "inside" }, el("p", {}, badge(fault.signal ?? "fault", "bad"), " at ", el("code", {}, fault.address ?? "?")), el("ol", { class: "frames" }, (fault.frames ?? []).map(item))));
}

function closedText({ state, closed: { by, reason, redrive, recovery_ms: recovery } }) {
  return [
    badge(state),
    by && ` by ${by}`,
    reason && `: ${reason}`,
    redrive && [" ", el("a", { href: link(["redrives", redrive]) }, `redrive ${redrive}`)],
    recovery !== null && `, ${duration(recovery / 1000)} after it failed`,
  ];
}

// The newest version of an id counts; what was said of it stands in the state.
function history(letter) {
  const events = [];
  if (letter.first_failure) events.push([letter.first_failure.failed_at, ["failed first in ", letter.first_failure.function || "?"]]);
  events.push([letter.failed_at, [letter.hops > 0 ? "failed again in " : "failed in ", letter.function || letter.source]]);
  if (letter.closed) events.push([letter.closed.at, closedText(letter)]);
  return panel("What became of it", el("div", { class: "inside" }, el("ol", { class: "history" }, events.map(([when, what]) => el("li", {}, timeOf(when), el("span", {}, what))))), badge(letter.state));
}

function original(letter, actions) {
  const content = letter.truncated
    ? el("p", { class: "faint" }, "It was too large for the queue: this letter points at where it came from, see “Came from”.")
    : bytesView(letter.original, actions);
  return panel("Original record", el("div", { class: "inside" }, content));
}

async function differences(page, letter) {
  if (!letter.edited_from) return null;
  const before = await get(at("letters", letter.edited_from), null, page.signal);
  const text = (value) => (typeof value === "string" ? linesOf(value) : (value?.base64 ?? "").match(/.{1,76}/g) ?? []);
  return panel("Against the original it was edited from", el("div", { class: "inside" }, diffNode(text(before.original), text(letter.original))), letterLink(letter.edited_from));
}

async function exportLetter(page, letter) {
  download(`${letter.id}.json`, new TextEncoder().encode(JSON.stringify(letter, null, 2)), "application/json");
  const { bytes: whole } = await originalOf(page, letter);
  download(`${letter.id}.original`, whole);
  say(`Saved: the letter, and its original of ${bytes(whole.length)}`);
}

async function discardLetter(page, letter) {
  const done = await formDialog({
    title: "Discard this letter?",
    says: [el("p", {}, `${letter.error_type}: ${letter.error_message}`)],
    fields: [{ name: "reason", label: "Reason", required: true, autocomplete: "off" }],
    done: "Discard",
    danger: true,
    send: ({ reason }) => post(at("queues", letter.queue, "discard"), { filter: { where: idWhere(letter), state: ["all"] }, reason }),
  });
  if (done) say("Discarded"), page.keys.r();
}

function idWhere(letter) {
  return `id = '${letter.id.replaceAll("'", "''")}'`;
}

function toForm(letter, kind) {
  return () => go(["queues", letter.queue, kind], { where: idWhere(letter), state: letter.state === "open" ? [] : ["all"] });
}

function actionsOf(page, letter) {
  const actions = { e: () => edit(page, letter), d: () => discardLetter(page, letter) };
  page.keys.y = () => copyId(letter);
  if (session.may("operate")) Object.assign(page.keys, actions, { x: toForm(letter, "redrive"), v: toForm(letter, "try") });
  return [
    copyButton(letter.id, "Copy id"),
    actionButton({ text: "Export", right: "view", run: () => page.run(() => exportLetter(page, letter)) }),
    actionButton({ text: "Edit…", key: "e", run: actions.e }),
    actionButton({ text: "Try a build…", key: "v", run: toForm(letter, "try") }),
    actionButton({ text: "Redrive…", key: "x", kind: "main", run: toForm(letter, "redrive") }),
    actionButton({ text: "Discard…", key: "d", kind: "danger", run: actions.d }),
  ];
}

async function copyId(letter) {
  await navigator.clipboard?.writeText(letter.id);
  say("Copied the id");
}

export async function show(page, { path, query }) {
  const id = path[1];
  const revealed = query.get("reveal") === "true";
  const out = el("div", { class: "body" });
  page.title("Letter", { crumbs: [["Queues", link(["queues"])]] });
  page.show(out);
  const read = async () => {
    const letter = await get(at("letters", id), revealed ? new URLSearchParams({ reveal: "true" }) : null, page.signal);
    letter.revealed = revealed;
    const { queue } = letter;
    page.title(letter.error_type || "Letter", {
      crumbs: [["Queues", link(["queues"])], [queue, link(["queues", queue, "groups"])], ["Group", link(["queues", queue, "letters"], { group: letter.fingerprint })]],
      actions: actionsOf(page, letter),
      note: [badge(letter.state), " ", el("code", {}, letter.id)],
    });
    const reveal = actionButton({ text: revealed ? "Hide again" : "Reveal", right: "reveal", run: () => go(["letters", id], revealed ? {} : { reveal: "true" }) });
    replace(
      out,
      el("div", { class: "columns" }, panel("Facts", el("div", { class: "inside" }, factsOf(letter))), el("div", { class: "body" }, history(letter), frames(letter.fault))),
      original(letter, letter.masked || revealed ? [reveal] : []),
      el("div", { class: "columns" }, panel("Key", el("div", { class: "inside" }, letter.key === null ? shortText(null) : bytesView(bytesOf(letter.key)))), panel("Headers", el("div", { class: "inside" }, headerList(letter.headers)))),
      await differences(page, letter),
    );
    page.seen();
  };
  page.keys.r = () => page.run(read);
  await read();
}
