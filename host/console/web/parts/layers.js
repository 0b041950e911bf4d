// SPDX-License-Identifier: Apache-2.0
// Where the nodes of a graph go: columns from left to right, each beside what it is tied to (Sugiyama's way, in short).

const SWEEPS = 12;

// Edges that close a circle are turned round for the layout: what remains has an order.
function withoutCircles(nodes, edges) {
  const next = new Map(nodes.map((node) => [node.id, []]));
  edges.forEach((edge) => next.get(edge.from)?.push(edge));
  const state = new Map(); // 1: on the way, 2: done
  const turned = new Set();
  const visit = (first) => {
    const stack = [[first, 0]];
    state.set(first, 1);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const edge = next.get(top[0])[top[1]++];
      if (!edge) {
        state.set(top[0], 2);
        stack.pop();
      } else if (state.get(edge.to) === 1) {
        turned.add(edge);
      } else if (!state.has(edge.to) && next.has(edge.to)) {
        state.set(edge.to, 1);
        stack.push([edge.to, 0]);
      }
    }
  };
  nodes.forEach((node) => state.has(node.id) || visit(node.id));
  return edges.map((edge) => (turned.has(edge) ? { from: edge.to, to: edge.from } : edge));
}

// The longest way from a source.
function columnsOf(nodes, edges) {
  const column = new Map(nodes.map((node) => [node.id, 0]));
  for (let changed = true; changed; ) {
    changed = false;
    for (const { from, to } of edges) {
      if (from === to || column.get(to) > column.get(from)) continue;
      column.set(to, column.get(from) + 1);
      changed = true;
    }
  }
  // What only feeds stands right before what it feeds.
  for (const node of nodes) {
    const out = edges.filter((edge) => edge.from === node.id && edge.to !== node.id);
    const into = edges.some((edge) => edge.to === node.id && edge.from !== node.id);
    if (!into && out.length > 0) column.set(node.id, Math.min(...out.map((edge) => column.get(edge.to))) - 1);
  }
  return column;
}

function orderByNeighbours(layers, edges, place) {
  const neighbours = new Map();
  for (const { from, to } of edges) {
    if (!neighbours.has(from)) neighbours.set(from, []);
    if (!neighbours.has(to)) neighbours.set(to, []);
    neighbours.get(from).push(to);
    neighbours.get(to).push(from);
  }
  const mean = (id) => {
    const near = neighbours.get(id) ?? [];
    return near.length > 0 ? near.reduce((sum, each) => sum + place.get(each), 0) / near.length : place.get(id);
  };
  for (let sweep = 0; sweep < SWEEPS; ++sweep) {
    for (const layer of sweep % 2 ? [...layers].reverse() : layers) {
      const wanted = new Map(layer.map((id) => [id, mean(id)]));
      layer.sort((a, b) => wanted.get(a) - wanted.get(b));
      layer.forEach((id, index) => place.set(id, index - (layer.length - 1) / 2));
    }
  }
}

// Column and row of each node, by id; rows may be halves, and are 0 at the top.
export function layered(nodes, allEdges) {
  const known = new Set(nodes.map((node) => node.id));
  const edges = withoutCircles(nodes, allEdges.filter((edge) => known.has(edge.from) && known.has(edge.to)));
  const column = columnsOf(nodes, edges);
  const layers = [];
  for (const node of nodes) (layers[column.get(node.id)] ??= []).push(node.id);
  const filled = layers.filter(Boolean);
  const place = new Map();
  filled.forEach((layer) => layer.forEach((id, index) => place.set(id, index - (layer.length - 1) / 2)));
  orderByNeighbours(filled, edges, place);
  const top = Math.min(0, ...place.values());
  return new Map(nodes.map(({ id }) => [id, { column: column.get(id), row: place.get(id) - top }]));
}
