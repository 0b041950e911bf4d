// SPDX-License-Identifier: Apache-2.0
// Small charts in SVG. A library would bring a hundred times this for two shapes.

import { svg } from "../base/dom.js";
import { count } from "../base/format.js";

// Bars, the current slot last and in colour. The least that is not nothing can be seen.
export function bars(slots, { width = 144, height = 22, label } = {}) {
  const most = Math.max(1, ...slots);
  const step = width / Math.max(1, slots.length);
  const shapes = [svg("line", { x1: 0, x2: width, y1: height - 0.5, y2: height - 0.5 })];
  slots.forEach((slot, index) => {
    if (slot === 0) return;
    const tall = Math.max(2, (slot / most) * (height - 2));
    const last = index === slots.length - 1;
    shapes.push(svg("rect", { class: last ? "last" : null, x: (index * step).toFixed(2), y: (height - tall).toFixed(2), width: Math.max(1, step - 0.8).toFixed(2), height: tall.toFixed(2) }));
  });
  const text = label ?? `${count(slots.reduce((sum, slot) => sum + slot, 0))} in the last 24 hours, at most ${count(most)} in half an hour`;
  return chart(width, height, text, shapes);
}

// A line of what was seen since the page was opened.
export function line(values, { width = 130, height = 24, label = "" } = {}) {
  const most = Math.max(...values, 1e-9);
  const step = width / Math.max(1, values.length - 1);
  const points = values.map((value, index) => `${(index * step).toFixed(1)},${(height - 1 - (value / most) * (height - 3)).toFixed(1)}`);
  return chart(width, height, label, [svg("path", { d: values.length > 1 ? `M${points.join("L")}` : "" })]);
}

function chart(width, height, label, shapes) {
  return svg("svg", { class: "sparkline", viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label }, svg("title", {}, label), shapes);
}
