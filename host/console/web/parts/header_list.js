// SPDX-License-Identifier: Apache-2.0
import { el } from "../base/dom.js";
import { shortText } from "./bytes_view.js";

const MOST = 4096; // characters of one value

export function headerList(headers) {
  if (headers.length === 0) return el("p", { class: "faint" }, "None.");
  return el("dl", { class: "facts" }, headers.map(({ name, value }) => [el("dt", {}, shortText(name)), el("dd", {}, shortText(value, MOST))]));
}
