// SPDX-License-Identifier: Apache-2.0
// Bytes of a record, looked at: laid out, as they are, or in hexadecimal. A page at a time, however many there are.

import { el, freshId, replace } from "../base/dom.js";
import { bytes as size, plural } from "../base/format.js";
import { head } from "../base/text.js";
import { jsonLines, jsonNode } from "./json_text.js";

const PAGE = 64 * 1024; // characters shown at once
const HEX_ROW = 16;

// Of the API's form: text, {"base64": …}, or null.
export function bytesOf(value) {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return new TextEncoder().encode(value);
  return Uint8Array.from(atob(value.base64), (sign) => sign.charCodeAt(0));
}

// One line for tables.
export function shortText(value, length = 160) {
  if (value === null || value === undefined) return el("span", { class: "faint" }, "null");
  if (typeof value !== "string") return el("code", {}, `base64 ${head(value.base64, length)}`);
  return value === "" ? el("span", { class: "faint" }, "empty") : el("code", {}, head(value, length));
}

function utf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function hexLine(bytes, from) {
  const row = bytes.subarray(from, from + HEX_ROW);
  const hex = Array.from(row, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const text = Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("");
  return `${from.toString(16).padStart(8, "0")}  ${hex.padEnd(HEX_ROW * 3)} ${text}`;
}

function hexText(bytes, from, length) {
  const lines = [];
  for (let at = from; at < Math.min(bytes.length, from + length); at += HEX_ROW) lines.push(hexLine(bytes, at));
  return lines.join("\n");
}

// A part, and a button for the next one.
function paged(total, part, unit) {
  const code = el("pre", { class: "code" });
  const more = el("div", { class: "more" });
  let shown = 0;
  const next = () => {
    const [node, end] = part(shown);
    code.append(node);
    shown = end;
    const rest = total - shown;
    replace(more, rest > 0 && [el("button", { type: "button", on: { click: next } }, "Show more"), el("span", { class: "hint" }, `${unit(rest)} left`)]);
  };
  next();
  return el("div", {}, code, more);
}

function rawView(text) {
  return paged(text.length, (from) => {
    const piece = head(text.slice(from), PAGE);
    return [el("span", {}, piece), from + piece.length];
  }, (rest) => plural(rest, "character"));
}

function hexView(bytes) {
  const page = 256 * HEX_ROW;
  return paged(bytes.length, (from) => {
    const text = hexText(bytes, from, page);
    return [el("span", {}, from > 0 ? "\n" + text : text), Math.min(bytes.length, from + page)];
  }, size);
}

function waysOf(bytes) {
  const text = utf8(bytes);
  const ways = [];
  const lines = text === null ? null : jsonLines(text);
  if (lines) ways.push(["Pretty", () => jsonNode(lines)]);
  if (text !== null) ways.push(["Raw", () => rawView(text)]);
  ways.push(["Hex", () => hexView(bytes)]);
  return ways;
}

// With a tab for each way. `extra` (nodes) stand beside the tabs.
export function bytesView(value, extra = []) {
  const bytes = value instanceof Uint8Array ? value : bytesOf(value);
  if (bytes === null) return el("p", { class: "faint" }, "null (a tombstone)");
  const out = el("div", { id: freshId("bytes"), role: "tabpanel" });
  const ways = waysOf(bytes);
  const buttons = ways.map(([name, build]) => el("button", { type: "button", role: "tab", "aria-controls": out.id, on: { click: () => choose(name, build) } }, name));
  const choose = (name, build) => {
    buttons.forEach((button) => button.setAttribute("aria-selected", String(button.textContent === name)));
    replace(out, build());
  };
  choose(...ways[0]);
  const about = `${size(bytes.length)}${utf8(bytes) === null ? ", not UTF-8" : ""}`;
  return el("div", { class: "bytes" }, el("div", { class: "actions" }, el("div", { class: "tabs", role: "tablist" }, buttons), el("span", { class: "hint" }, about), extra), out);
}
