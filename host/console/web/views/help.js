// SPDX-License-Identifier: Apache-2.0
import { el } from "../base/dom.js";
import { openDialog } from "../parts/dialog.js";
import { VIEWS } from "./views.js";

const KEYS = [
  [["j"], "Next row"],
  [["k"], "Row before"],
  [["Enter"], "Open the row"],
  [["u"], "Back"],
  [["/"], "To the filter; Escape leaves it"],
  [["r"], "Read again now"],
  [["e", "d", "y"], "In a letter: edit, discard, copy its id"],
  [["x", "v"], "In groups and letters: redrive, try"],
  [["t"], "Colours: system, light, dark"],
  [["?"], "This"],
];

function row([keys, text]) {
  return [el("div", {}, keys.map((key) => [el("kbd", {}, key), " "])), el("div", {}, text)];
}

export function openHelp() {
  openDialog({ title: "Keys" }, (heading, close) =>
    el(
      "div",
      { class: "inside" },
      heading,
      el("div", { class: "keys" }, KEYS.map(row), VIEWS.map(({ name, key }) => [el("div", {}, el("kbd", {}, "g"), " ", el("kbd", {}, key)), el("div", {}, name)])),
      el("div", { class: "buttons" }, el("button", { type: "button", class: "main", on: { click: close } }, "Close")),
    ),
  );
}
