// SPDX-License-Identifier: Apache-2.0
// Text from records, shown so that it can neither hide nor reorder anything: what cannot be seen is written out.

// Controls but tab and newline, marks of direction, characters of no width, tags, and halves of surrogate pairs.
const HIDDEN = new RegExp(
  "[\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180B-\\u180F" +
    "\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\u3164\\uFE00-\\uFE0E\\uFEFF\\uFFA0\\uFFF9-\\uFFFB]" +
    "|\\uDB40[\\uDC00-\\uDDEF]" +
    "|[\\uD800-\\uDBFF](?![\\uDC00-\\uDFFF])|(?<![\\uD800-\\uDBFF])[\\uDC00-\\uDFFF]",
  "g",
);

// More marks than this in one text make it no more readable, and the page slow.
const MOST_MARKS = 5000;

function nameOf(hidden) {
  return "U+" + hidden.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
}

// For attributes, titles and the clipboard of a person: text alone.
export function legible(text) {
  return String(text).replace(HIDDEN, (hidden) => `⟨${nameOf(hidden)}⟩`);
}

// One text node when there is nothing to mark, which is nearly always.
export function textNode(text) {
  const whole = String(text);
  if (whole.search(HIDDEN) < 0) return document.createTextNode(whole);
  const out = document.createDocumentFragment();
  let from = 0;
  let marks = 0;
  for (const match of whole.matchAll(HIDDEN)) {
    if (marks++ >= MOST_MARKS) break;
    out.append(whole.slice(from, match.index), mark(match[0]));
    from = match.index + match[0].length;
  }
  out.append(legible(whole.slice(from)));
  return out;
}

function mark(hidden) {
  const node = document.createElement("span");
  node.className = "hidden-character";
  node.textContent = nameOf(hidden);
  return node;
}

// The first `length` code units, never half a character.
export function head(text, length) {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}
