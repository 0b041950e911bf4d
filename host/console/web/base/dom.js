// SPDX-License-Identifier: Apache-2.0
// Elements with few words. Data comes into the page here alone, and only as text.

import { legible, textNode } from "./text.js";

const SVG = "http://www.w3.org/2000/svg";

// `attributes`: `on: {click}` for listeners, `set: {value}` for properties, `class` as text or list; null and false
// leave one out, true makes it bare. Children: nodes, text, numbers, lists of these; null and false are nothing.
export function el(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") listen(node, value);
    else if (name === "set") Object.assign(node, value);
    else if (name === "class") node.setAttribute("class", [value].flat().filter(Boolean).join(" "));
    else node.setAttribute(name, value === true ? "" : legible(value));
  }
  append(node, children);
  return node;
}

function listen(node, listeners) {
  for (const [event, listener] of Object.entries(listeners)) node.addEventListener(event, listener);
}

export function append(node, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : textNode(child));
  }
}

export function replace(node, ...children) {
  const fresh = document.createDocumentFragment();
  append(fresh, children);
  node.replaceChildren(fresh);
}

let ids = 0;
// For labels and descriptions.
export function freshId(stem) {
  return `${stem}-${++ids}`;
}
