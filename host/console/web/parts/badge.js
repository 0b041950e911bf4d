// SPDX-License-Identifier: Apache-2.0
// States as coloured words, and shares as coloured bars. Never colour alone.

import { el } from "../base/dom.js";
import { count } from "../base/format.js";

const TONES = {
  open: "bad",
  parked: "warn",
  redriven: "note",
  recovered: "good",
  discarded: "",
  running: "good",
  refused: "bad",
  quarantined: "bad",
  removed: "",
  closed: "good",
  "half-open": "warn",
  paused: "warn",
  stopped: "bad",
  cancelled: "",
  done: "good",
  asked: "note",
  failed: "bad",
  canary: "note",
};

// Of letters, in the order of their concern.
export const STATES = ["open", "parked", "redriven", "recovered", "discarded"];

export function badge(text, tone = TONES[text] ?? "") {
  return el("span", { class: ["badge", tone] }, text);
}

// A breaker is good when it is closed; a letter is not when it is open.
export function breakerBadge(state) {
  return badge(state, state === "open" ? "bad" : TONES[state]);
}

// `parts`: [name, number] with a fill of that name; `of`: the whole, when it is more than their sum.
export function meter(parts, { of = 0, slim = false, label = null } = {}) {
  const sum = parts.reduce((all, [, number]) => all + number, 0);
  const whole = Math.max(of, sum) || 1;
  const text = label ?? parts.filter(([, number]) => number > 0).map(([name, number]) => `${name} ${count(number)}`).join(", ");
  const bar = el("div", { class: ["meter", slim && "slim"], role: "img", "aria-label": text || "none", title: text });
  for (const [name, number] of parts) {
    if (number === 0) continue;
    const part = el("i", { class: `fill-${name}` });
    part.style.width = `${(100 * number) / whole}%`;
    bar.append(part);
  }
  return bar;
}

export function stateMeter(letters, options) {
  return meter(STATES.map((state) => [state, letters[state] ?? 0]), options);
}

export function legend(parts) {
  return el(
    "div",
    { class: "legend" },
    parts.map(([name, number, text]) => el("span", {}, el("i", { class: `fill-${name}` }), `${text ?? name} ${count(number)}`)),
  );
}
