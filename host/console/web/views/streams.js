// SPDX-License-Identifier: Apache-2.0
import { link } from "../base/address.js";
import { at, get } from "../base/api.js";
import { el } from "../base/dom.js";
import { bytes, count, plural } from "../base/format.js";
import { badge } from "../parts/badge.js";
import { panel, Table, walkTables } from "../parts/table.js";

const EVERY_MS = 5000;

function table() {
  return new Table({
    label: "Streams",
    empty: "No streams yet.",
    key: (one) => one.stream,
    open: (one) => (location.hash = link(["streams", one.stream])),
    columns: [
      { name: "Stream", kind: "wrap", cell: (one) => el("a", { href: link(["streams", one.stream]) }, one.stream) },
      { name: "Kind", kind: "tight", cell: (one) => (one.kind === "stream" ? "stream" : badge(one.kind, "bad")) },
      { name: "Partitions", kind: "number", cell: (one) => count(one.partitions) },
      { name: "Records", kind: "number", cell: (one) => count(one.records) },
      { name: "Size", kind: "number", cell: (one) => (one.bytes ? bytes(one.bytes) : "–") },
      { name: "Kept", kind: "tight", cell: (one) => (one.retention_days ? plural(one.retention_days, "day") : "for ever") },
    ],
  });
}

export async function show(page) {
  const streams = table();
  page.title("Streams", { note: "Looking at a stream consumes nothing." });
  page.show(panel("Streams", streams.node));
  walkTables(page, streams);
  await page.poll(EVERY_MS, async () => streams.update((await get(at("streams"), null, page.signal)).streams));
}
