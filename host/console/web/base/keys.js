// SPDX-License-Identifier: Apache-2.0
// The keyboard: single keys of the whole page, two-key ways to views, and what a view adds.

const SOON_MS = 1500; // between "g" and the letter of a view

let global = {}; // key → action
let ways = {}; // after "g": key → action
let here = {}; // of the view that is shown
let leader = 0;

export function startKeys(keys, views) {
  global = keys;
  ways = views;
  document.addEventListener("keydown", pressed);
}

// Until the next view.
export function useKeys(keys) {
  here = keys;
}

function isTyping(target) {
  return target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (isTyping(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const action = actionFor(event.key, event.target);
  if (!action) return;
  event.preventDefault();
  action(event);
}

function actionFor(key, target) {
  if (leader && Date.now() - leader < SOON_MS) {
    leader = 0;
    return ways[key];
  }
  if (key === "g") {
    leader = Date.now();
    return () => {};
  }
  // A button or link that has the focus takes the Enter that is its own.
  if (key === "Enter" && target.closest("a, button, summary, input")) return undefined;
  return here[key] ?? global[key];
}
