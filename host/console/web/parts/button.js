// SPDX-License-Identifier: Apache-2.0
// Buttons for what changes something: usable by who may, and saying why by who may not.

import { el } from "../base/dom.js";
import { say } from "../base/page.js";
import * as session from "../base/session.js";

// It stays reachable without the right, or nobody could hear why.
export function actionButton({ text, right = "operate", kind = "", key = null, run }) {
  const why = session.without(right);
  return el(
    "button",
    {
      type: "button",
      class: kind,
      title: why ?? (key ? `${text} (${key})` : null),
      "aria-disabled": why ? "true" : null,
      on: { click: (event) => (why ? say(why) : run(event)) },
    },
    text,
  );
}

export function copyButton(text, label = "Copy") {
  const copy = async () => {
    await copyText(text);
    say("Copied");
  };
  return el("button", { type: "button", on: { click: copy } }, label);
}

// navigator.clipboard is there only over TLS and at localhost.
async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = el("textarea", { class: "skip", "aria-hidden": "true", set: { value: text } });
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

export function download(name, bytes, type = "application/octet-stream") {
  const url = URL.createObjectURL(new Blob([bytes], { type }));
  el("a", { href: url, download: name }).click();
  // The click has only begun the download.
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}
