// SPDX-License-Identifier: Apache-2.0
// JSON laid out for reading, each value exactly as it stands: a number of thirty digits keeps them all, a key that comes
// twice comes twice.

import { el } from "../base/dom.js";

const MOST = 512 * 1024; // beyond it a page of it is no help to anybody
const INDENT = "  ";

// Tokens of a text that JSON.parse takes.
function* tokens(text) {
  let at = 0;
  while (at < text.length) {
    const sign = text[at];
    if (" \t\n\r".includes(sign)) {
      ++at;
    } else if ("{}[],:".includes(sign)) {
      ++at;
      yield [sign, sign];
    } else {
      const end = sign === '"' ? stringEnd(text, at) : wordEnd(text, at);
      yield [sign === '"' ? "text" : "-0123456789".includes(sign) ? "number" : "word", text.slice(at, end)];
      at = end;
    }
  }
}

function stringEnd(text, at) {
  for (let end = at + 1; ; ++end) {
    const sign = text[end];
    if (sign === "\\") ++end;
    else if (sign === '"') return end + 1;
  }
}

function wordEnd(text, at) {
  let end = at;
  while (end < text.length && !" \t\n\r{}[],:".includes(text[end])) ++end;
  return end;
}

class Layout {
  constructor() {
    this.lines = [[]];
    this.depth = 0;
  }

  put(kind, text) {
    this.lines[this.lines.length - 1].push([kind, text]);
  }
  newLine() {
    this.lines.push([["", INDENT.repeat(this.depth)]]);
  }

  take(kind, text, previous) {
    const closes = kind === "}" || kind === "]";
    const empty = closes && (previous === "{" || previous === "[");
    if (closes) --this.depth;
    if (!empty && (closes || previous === "{" || previous === "[" || previous === ",")) this.newLine();
    this.put(kind, kind === ":" ? ": " : text);
    if (kind === "{" || kind === "[") ++this.depth;
    // Only what stands before a colon is a name.
    const line = this.lines[this.lines.length - 1];
    if (kind === ":") line[line.length - 2][0] = "name";
  }
}

// Lines of [kind, text]; null: it is no JSON, or too much of it.
export function jsonLines(text) {
  if (text.length > MOST) return null;
  try {
    const value = JSON.parse(text);
    if (value === null || typeof value !== "object") return null; // nothing to lay out
  } catch {
    return null;
  }
  const layout = new Layout();
  let previous = "";
  for (const [kind, token] of tokens(text)) {
    layout.take(kind, token, previous);
    previous = kind;
  }
  return layout.lines;
}

export function linesOf(text) {
  const lines = jsonLines(text);
  return lines ? lines.map((line) => line.map(([, token]) => token).join("")) : text.split("\n");
}

export function jsonNode(lines) {
  const out = el("pre", { class: "code" });
  lines.forEach((line, index) => {
    for (const [kind, text] of line) {
      out.append(["name", "text", "number", "word"].includes(kind) ? el("span", { class: `json-${kind}` }, text) : text);
    }
    if (index < lines.length - 1) out.append("\n");
  });
  return out;
}
