// SPDX-License-Identifier: Apache-2.0
// What feeds what, with lag and rates on it.

import { link } from "../base/address.js";
import { at, get } from "../base/api.js";
import { el, replace, svg } from "../base/dom.js";
import { plural, rate, shortCount } from "../base/format.js";
import { head } from "../base/text.js";
import { layered } from "../parts/layers.js";

const EVERY_MS = 3000;
const WIDE = 176;
const TALL = 44;
const STEP_X = 250;
const STEP_Y = 62;
const MARGIN = 10;
const ARROW = 7;
const BACK = 60; // how far below its ends an edge against the stream dips
const NAME_LENGTH = 24;
const KINDS = { stream: "stream", queue: "dead letter queue", function: "function", table: "table", ingest_api: "ingest API" };

const ADDRESSES = {
  stream: (node) => link(["streams", node.name]),
  queue: (node) => link(["queues", node.name, "groups"]),
  function: (node) => (node.plugin ? link(["plugins", node.plugin]) : null),
};

function corner(place) {
  return [MARGIN + place.column * STEP_X, MARGIN + place.row * STEP_Y];
}

function short(name) {
  return name.length > NAME_LENGTH ? head(name, NAME_LENGTH - 1) + "…" : name;
}

// The line under the name, and whether it is bad news.
function detail(node, live) {
  if (node.kind === "function") {
    const now = live.functions.get(node.name);
    if (!now) return ["", false];
    if (!now.runs) return ["does not run", true];
    const lag = now.lag > 0 ? `, lag ${shortCount(now.lag)}` : "";
    return now.breaker === "closed" ? [`${rate(now.per_second.delivered)}/s${lag}`, false] : [`breaker ${now.breaker}${lag}`, true];
  }
  if (node.kind === "queue") {
    const now = live.queues.get(node.name);
    return now ? [plural(now.letters, "letter"), now.letters > 0] : [KINDS.queue, false];
  }
  return [KINDS[node.kind], false];
}

function nodeShape(node, place, live) {
  const [x, y] = corner(place);
  const [text, bad] = detail(node, live);
  const address = ADDRESSES[node.kind]?.(node);
  const label = `${KINDS[node.kind]} ${node.name}: ${text}`;
  const shape = svg(
    "g",
    { class: ["node", node.kind, bad && "troubled"], transform: `translate(${x} ${y})` },
    svg("title", {}, label),
    svg("rect", { width: WIDE, height: TALL, rx: node.kind === "function" ? TALL / 2 : 6 }),
    svg("text", { x: 14, y: 18 }, short(node.name)),
    svg("text", { x: 14, y: 34, class: ["sub", bad && "bad"] }, text),
  );
  return address ? svg("a", { href: address, "aria-label": label }, shape) : shape;
}

function rateOf(edge, live) {
  const name = edge.from.startsWith("function:") ? edge.from : edge.to;
  const now = live.functions.get(name.slice("function:".length));
  if (!now) return 0;
  const { delivered, filtered, dead_lettered: dead } = now.per_second;
  return { reads: delivered + filtered + dead, writes: delivered, dead_letters: dead }[edge.kind] ?? 0;
}

function forward(from, to) {
  const bend = Math.max(30, (to[0] - from[0]) / 2);
  return { way: `M${from}C${from[0] + bend},${from[1]} ${to[0] - bend},${to[1]} ${to}`, middle: [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2 - 4] };
}

// Under what lies between.
function backward(from, to) {
  const low = Math.max(from[1], to[1]) + BACK;
  return { way: `M${from}C${from[0]},${low} ${to[0]},${low} ${to}`, middle: [(from[0] + to[0]) / 2, low - BACK / 4 - 4] };
}

function edgeShape(edge, places, live) {
  const [x1, y1] = corner(places.get(edge.from));
  const [x2, y2] = corner(places.get(edge.to));
  const busy = rateOf(edge, live);
  const { way, middle } = x2 > x1 ? forward([x1 + WIDE, y1 + TALL / 2], [x2 - ARROW, y2 + TALL / 2]) : backward([x1 + WIDE / 2, y1 + TALL], [x2 + WIDE / 2, y2 + TALL + ARROW]);
  return [
    svg("path", { class: ["edge", edge.kind, busy > 0 && "busy"], "marker-end": "url(#arrow)", d: way }),
    busy > 0 && svg("text", { class: "edge-label", x: middle[0], y: middle[1], "text-anchor": "middle" }, `${rate(busy)}/s`),
  ];
}

// Where letters are parked stands for itself, and says something only when some are.
function worthShowing(node, edges, live) {
  return !node.name.endsWith(".parked") || live.queues.get(node.name)?.letters > 0 || edges.some(({ from, to }) => from === node.id || to === node.id);
}

function draw({ nodes: all, edges }, live) {
  const nodes = all.filter((node) => worthShowing(node, edges, live));
  const places = layered(nodes, edges);
  const taken = [...places.values()];
  const goesBack = edges.some(({ from, to }) => places.get(to)?.column <= places.get(from)?.column);
  const width = 2 * MARGIN + WIDE + STEP_X * Math.max(0, ...taken.map((place) => place.column));
  const height = 2 * MARGIN + TALL + (goesBack ? BACK * 0.75 : 0) + STEP_Y * Math.max(0, ...taken.map((place) => place.row));
  const arrow = svg("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 2, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" }, svg("path", { class: "arrow", d: "M0 0L8 4L0 8z" }));
  return svg(
    "svg",
    { width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": `${plural(nodes.length, "node")}, ${plural(edges.length, "edge")}` },
    svg("defs", {}, arrow),
    edges.filter((edge) => places.has(edge.from) && places.has(edge.to)).map((edge) => edgeShape(edge, places, live)),
    nodes.map((node) => nodeShape(node, places.get(node.id), live)),
  );
}

// The same as text: for those who do not see the picture.
function asList({ nodes, edges }) {
  const name = (id) => nodes.find((node) => node.id === id)?.name ?? id;
  const words = { reads: "is read by", writes: "writes", dead_letters: "has its dead letters in", feeds: "feeds" };
  return el("details", {}, el("summary", {}, "As a list"), el("ul", { class: "frames" }, edges.map((edge) => el("li", {}, `${name(edge.from)} ${words[edge.kind] ?? edge.kind} ${name(edge.to)}`))));
}

export async function show(page) {
  const graph = el("div", { class: "graph", tabindex: "0", role: "region", "aria-label": "Topology, scrolls" });
  const list = el("div", { class: "inside" });
  page.title("Topology");
  page.show(el("section", { class: "panel" }, graph), list);
  let seen = "";
  await page.poll(EVERY_MS, async () => {
    const [topology, now] = await Promise.all([get(at("topology"), null, page.signal), get(at("overview"), null, page.signal)]);
    const text = JSON.stringify([topology, now.functions, now.queues]);
    if (text === seen) return;
    seen = text;
    const live = { functions: new Map(now.functions.map((one) => [one.function, one])), queues: new Map(now.queues.map((one) => [one.queue, one])) };
    if (topology.nodes.length === 0) return replace(graph, el("div", { class: "empty" }, "No plugin declares anything yet."));
    const focus = document.activeElement?.closest(".graph a")?.getAttribute("href");
    replace(graph, draw(topology, live));
    if (focus) [...graph.querySelectorAll("a")].find((a) => a.getAttribute("href") === focus)?.focus({ preventScroll: true });
    const open = list.querySelector("details")?.open;
    replace(list, asList(topology));
    list.querySelector("details").open = Boolean(open);
  });
}
