// SPDX-License-Identifier: Apache-2.0
// Dialogs: one form, one answer. The browser keeps the focus inside and takes Escape.

import { el, freshId, replace } from "../base/dom.js";

function field({ name, label, type = "text", value = "", hint = null, ...rest }) {
  const described = hint ? freshId("hint") : null;
  if (type === "checkbox") {
    return el("label", { class: "check" }, el("input", { type, name, checked: value === true }), label);
  }
  const kind = type === "textarea" ? "textarea" : "input";
  const input = el(kind, {
    ...(kind === "input" ? { type } : { rows: 18, spellcheck: "false" }),
    name,
    ...rest,
    "aria-describedby": described,
    set: { value },
  });
  return el("label", {}, label, input, hint && el("span", { class: "hint", id: described }, hint));
}

function valuesOf(form) {
  const values = {};
  for (const input of form.elements) {
    if (input.name) values[input.name] = input.type === "checkbox" ? input.checked : input.value;
  }
  return values;
}

// Opens it and takes it away again; `build(close)` gives its content.
export function openDialog({ title, wide = false, must = false }, build) {
  const heading = freshId("dialog");
  const dialog = el("dialog", { class: wide && "wide", "aria-labelledby": heading });
  const before = document.activeElement;
  dialog.addEventListener("cancel", (event) => must && event.preventDefault());
  dialog.addEventListener("close", () => {
    dialog.remove();
    before?.focus?.();
  });
  dialog.append(build(el("h2", { id: heading }, title), () => dialog.close()));
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

// The values of the form once `send` (if there is one) has worked, or null when it was left. What `send` refuses stands
// in the dialog, which stays open. `must`: it cannot be left.
export function formDialog({ title, says = [], fields = [], done = "OK", danger = false, wide = false, must = false, send = null }) {
  return new Promise((resolve) => {
    let result = null;
    const refused = el("p", { class: "refusal", role: "alert" });
    const dialog = openDialog({ title, wide, must }, (heading, close) => {
      const accept = el("button", { class: ["main", danger && "danger-main"], type: "submit" }, done);
      const submit = async (event) => {
        event.preventDefault();
        const values = valuesOf(event.target);
        accept.disabled = true;
        try {
          result = send ? { ...values, reply: await send(values) } : values;
          close();
        } catch (error) {
          replace(refused, error.message);
        }
        accept.disabled = false;
      };
      return el(
        "form",
        { on: { submit } },
        heading,
        says,
        fields.map(field),
        refused,
        el("div", { class: "buttons" }, !must && el("button", { type: "button", on: { click: close } }, "Cancel"), accept),
      );
    });
    dialog.addEventListener("close", () => resolve(result));
  });
}
