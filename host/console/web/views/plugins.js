// SPDX-License-Identifier: Apache-2.0
import { link } from "../base/address.js";
import { at, get } from "../base/api.js";
import { el } from "../base/dom.js";
import { timeOf } from "../base/page.js";
import { badge } from "../parts/badge.js";
import { panel, Table, walkTables } from "../parts/table.js";

const EVERY_MS = 5000;

export function stateBadges(plugin) {
  return [badge(plugin.quarantine ? "quarantined" : plugin.state), plugin.canary && [" ", badge("canary")]];
}

function table() {
  return new Table({
    label: "Plugins",
    empty: "No plugins: put one into the plugin directory.",
    key: (plugin) => plugin.name,
    open: (plugin) => (location.hash = link(["plugins", plugin.name])),
    columns: [
      { name: "Plugin", kind: "wrap", cell: (plugin) => [el("a", { href: link(["plugins", plugin.name]) }, plugin.name), plugin.reason && el("div", { class: "sub" }, plugin.reason)] },
      { name: "State", kind: "tight", cell: stateBadges },
      { name: "Version", kind: "tight", cell: (plugin) => [plugin.version ?? "–", plugin.previous_version && el("div", { class: "sub" }, `before: ${plugin.previous_version}`)] },
      { name: "Build", kind: "tight", cell: (plugin) => el("code", { title: plugin.build_id }, (plugin.build_id ?? "–").slice(0, 12)) },
      { name: "Signed by", kind: "tight", cell: (plugin) => plugin.signed_by?.name ?? el("span", { class: "faint" }, "nobody") },
      { name: "Last event", kind: "tight", cell: (plugin) => (plugin.history.length ? [plugin.history.at(-1).event, el("div", { class: "sub" }, timeOf(plugin.history.at(-1).at))] : "–") },
    ],
  });
}

export async function show(page) {
  const plugins = table();
  page.title("Plugins");
  page.show(panel("Plugins", plugins.node));
  walkTables(page, plugins);
  await page.poll(EVERY_MS, async () => plugins.update((await get(at("plugins"), null, page.signal)).plugins));
}
