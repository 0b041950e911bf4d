// SPDX-License-Identifier: Apache-2.0
// A letter's original, changed into a letter of its own. What is edited is what the host has, never what masking shows.

import { go } from "../base/address.js";
import { at, getBytes, post } from "../base/api.js";
import { el } from "../base/dom.js";
import { say } from "../base/page.js";
import { formDialog } from "../parts/dialog.js";

const MOST = 1024 * 1024;

function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

// The exact bytes. Of a letter with masked values they are given only to who may reveal them, and the host notes that.
export function originalOf(page, letter) {
  const reveal = letter.masked || letter.revealed ? new URLSearchParams({ reveal: "true" }) : null;
  return getBytes(at("letters", letter.id, "original"), reveal, page.signal);
}

// As bytes, whatever they are: JSON of JSON would be laid out anew on its way.
function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

// A field of a form makes "\r\n" to "\n": such a text, like bytes that are no text, would come back as another one.
function refusalFor(bytes, text) {
  if (bytes.length > MOST) return "It is too large to be edited here. The command line can: eddy dlq edit.";
  if (text === null) return "It is not UTF-8. Edit it as a file: eddy dlq edit.";
  if (text.includes("\r") || text.includes("\0")) return "It has carriage returns or zero bytes, which a browser would change. Edit it as a file: eddy dlq edit.";
  return null;
}

export async function edit(page, letter) {
  await page.run(async () => {
    const { bytes } = await originalOf(page, letter);
    const text = textOf(bytes);
    const why = refusalFor(bytes, text);
    if (why) return void say(why);
    const done = await formDialog({
      title: "Edit the original",
      wide: true,
      says: [el("p", { class: "hint" }, "The edited copy becomes a new letter that names this one; this one is closed as discarded. Nothing is sent before it is redriven.")],
      fields: [{ name: "original", label: "Original", type: "textarea", value: text }],
      done: "Save as a new letter",
      send: ({ original }) => post(at("letters", letter.id, "edit"), { original_base64: base64(new TextEncoder().encode(original)) }),
    });
    if (!done) return;
    say("Saved as a new letter");
    if (done.reply.id) go(["letters", done.reply.id]);
    else page.keys.r();
  });
}
