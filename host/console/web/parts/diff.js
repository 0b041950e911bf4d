// SPDX-License-Identifier: Apache-2.0
// What differs between two texts, line by line (Myers' greedy way, as far as it is worth it).

import { el } from "../base/dom.js";
import { plural } from "../base/format.js";

const MOST_EDITS = 1500; // beyond it the whole is shown as replaced
const AROUND = 3; // equal lines beside a change

// Lists of [sign, line], sign one of " ", "-", "+".
export function diffLines(before, after) {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) ++start;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) ++end;
  const middle = edits(before.slice(start, before.length - end), after.slice(start, after.length - end));
  const same = (line) => [" ", line];
  return [...before.slice(0, start).map(same), ...middle, ...before.slice(before.length - end).map(same)];
}

function edits(a, b) {
  const trace = [];
  const far = new Map([[1, 0]]); // by diagonal: how far along `a`
  for (let d = 0; d <= Math.min(MOST_EDITS, a.length + b.length); ++d) {
    trace.push(new Map(far));
    for (let k = -d; k <= d; k += 2) {
      let x = k === -d || (k !== d && far.get(k - 1) < far.get(k + 1)) ? far.get(k + 1) : far.get(k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) ++x;
      far.set(k, x);
      if (x >= a.length && x - k >= b.length) return backwards(trace, a, b);
    }
  }
  return [...a.map((line) => ["-", line]), ...b.map((line) => ["+", line])];
}

function backwards(trace, a, b) {
  const out = [];
  let x = a.length;
  let y = b.length;
  for (let d = trace.length - 1; d >= 0; --d) {
    const far = trace[d];
    const k = x - y;
    const from = k === -d || (k !== d && far.get(k - 1) < far.get(k + 1)) ? k + 1 : k - 1;
    const startX = d === 0 ? 0 : far.get(from);
    const startY = d === 0 ? 0 : startX - from;
    while (x > startX && y > startY) out.push([" ", a[--x]]), --y;
    if (d === 0) break;
    if (x > startX) out.push(["-", a[--x]]);
    else out.push(["+", b[--y]]);
  }
  return out.reverse();
}

const KINDS = { "-": "gone", "+": "new" };

// Of a diff that is text already: unified, as the host writes it.
export function unifiedNode(text) {
  return el("div", { class: "code diff" }, text.replace(/\n$/, "").split("\n").map(unifiedLine));
}

function unifiedLine(text) {
  if (text.startsWith("@@")) return el("div", { class: "skip-lines" }, text);
  return el("div", { class: KINDS[text[0]] ?? null }, `${text.slice(0, 1)} ${text.slice(1)}`);
}

export function diffNode(before, after) {
  const lines = diffLines(before, after);
  if (lines.every(([sign]) => sign === " ")) return el("p", { class: "faint" }, "No line differs.");
  const near = new Set();
  lines.forEach(([sign], index) => {
    for (let at = index - AROUND; sign !== " " && at <= index + AROUND; ++at) near.add(at);
  });
  const out = el("div", { class: "code diff" });
  let skipped = 0;
  lines.forEach(([sign, line], index) => {
    if (!near.has(index)) return void ++skipped;
    if (skipped > 0) out.append(el("div", { class: "skip-lines" }, `${plural(skipped, "equal line")}`));
    skipped = 0;
    out.append(el("div", { class: KINDS[sign] ?? null }, `${sign} ${line}`));
  });
  if (skipped > 0) out.append(el("div", { class: "skip-lines" }, `${plural(skipped, "equal line")}`));
  return out;
}
