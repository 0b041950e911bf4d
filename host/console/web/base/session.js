// SPDX-License-Identifier: Apache-2.0
// Who is at the console. The token lives as long as the tab does, and goes nowhere but to the host.

import { el, replace } from "./dom.js";
import { formDialog } from "../parts/dialog.js";

const KEY = "eddy-token";
let kept = sessionStorage.getItem(KEY) ?? "";
let asking = null; // one prompt, however many requests wait for it
let holder = { name: "", rights: [] };

export function token() {
  return kept;
}

export function forget() {
  kept = "";
  sessionStorage.removeItem(KEY);
  location.reload();
}

export function askForToken(why) {
  asking ??= prompt(why).finally(() => (asking = null));
  return asking;
}

async function prompt(why) {
  const given = await formDialog({
    title: "Who are you?",
    says: [
      el("p", {}, "This host wants a token: one of admin.tokens in its configuration. It is kept until this tab is closed."),
      kept ? el("p", { class: "refusal", role: "alert" }, why) : null,
    ],
    fields: [{ name: "token", label: "Token", type: "password", required: true, autocomplete: "off" }],
    done: "Sign in",
    must: true,
  });
  kept = given.token.trim();
  sessionStorage.setItem(KEY, kept);
}

// After the first answer that says it: name and rights.
export function know(operator) {
  holder = operator;
  const out = document.getElementById("who");
  const rights = operator.rights.join(", ");
  replace(
    out,
    el("span", { title: `Rights: ${rights}` }, operator.name),
    kept ? el("button", { class: "quiet", type: "button", on: { click: forget } }, "Sign out") : null,
  );
}

export function may(right) {
  return holder.rights.includes(right);
}

// Why not, for a button that cannot be used; null when it can.
export function without(right) {
  return may(right) ? null : `${holder.name || "this token"} does not have the right “${right}”`;
}
