// SPDX-License-Identifier: Apache-2.0
import { el } from "../base/dom.js";

// Names and values; what has no value is left out.
export function facts(pairs) {
  const there = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false);
  return el("dl", { class: "facts" }, there.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}
