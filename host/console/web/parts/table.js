// SPDX-License-Identifier: Apache-2.0
// A table of what fits on a page. It can be drawn anew at any time: focus and selected text stay.

import { el, replace } from "../base/dom.js";

// `columns`: {name, cell(row), kind: "number" | "tight" | "wrap"}. `open(row)`: Enter or a click on a row.
export class Table {
  constructor({ columns, key, open = null, label, empty = "Nothing here." }) {
    Object.assign(this, { columns, key, open, empty });
    this.body = el("tbody");
    this.none = el("div", { class: "empty", hidden: true }, empty);
    this.table = el(
      "table",
      { "aria-label": label },
      el("thead", {}, el("tr", {}, columns.map((column) => el("th", { scope: "col", class: column.kind }, column.name)))),
      this.body,
    );
    this.node = el("div", {}, el("div", { class: "scroll" }, this.table), this.none);
    this.seen = "";
  }

  update(rows) {
    const text = JSON.stringify(rows);
    if (text === this.seen || this.isRead()) return;
    this.seen = text;
    const focus = this.focus();
    replace(this.body, rows.map((row) => this.row(row)));
    this.none.hidden = rows.length > 0;
    this.table.hidden = rows.length === 0;
    this.refocus(focus);
  }

  row(row) {
    const node = el(
      "tr",
      { tabindex: this.open ? "-1" : null },
      this.columns.map((column) => el("td", { class: column.kind }, column.cell(row))),
    );
    node.rowKey = this.key(row);
    if (this.open) node.addEventListener("click", (event) => this.clicked(event, row));
    node.openRow = () => this.open?.(row);
    return node;
  }

  clicked(event, row) {
    if (event.target.closest("a, button, input")) return;
    if (String(getSelection())) return; // somebody marks text to copy it
    this.open(row);
  }

  isRead() {
    const selection = getSelection();
    return selection && !selection.isCollapsed && this.body.contains(selection.anchorNode);
  }

  focus() {
    const row = document.activeElement?.closest("tr");
    if (!row || !this.body.contains(row)) return null;
    const inner = [...row.querySelectorAll("a, button")].indexOf(document.activeElement);
    return { key: row.rowKey, inner };
  }

  refocus(focus) {
    if (!focus) return;
    const row = [...this.body.rows].find((each) => each.rowKey === focus.key);
    const target = focus.inner >= 0 ? row?.querySelectorAll("a, button")[focus.inner] : row;
    target?.focus({ preventScroll: true });
  }

  // For j, k and Enter.
  move(step) {
    const rows = [...this.body.rows];
    const now = rows.indexOf(document.activeElement?.closest("tr"));
    const next = now < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, now + step));
    rows[next]?.focus();
    rows[next]?.scrollIntoView({ block: "nearest" });
  }

  enter() {
    document.activeElement?.closest("tr")?.openRow?.();
  }
}

// j, k and Enter walk through all of a page's tables.
export function walkTables(page, ...tables) {
  const at = () => tables.find((table) => table.body.contains(document.activeElement)) ?? tables[0];
  const move = (step) => {
    const table = at();
    const before = document.activeElement;
    table.move(step);
    const next = tables[tables.indexOf(table) + step];
    if (document.activeElement === before && next) next.move(step);
  };
  page.keys.j = () => move(1);
  page.keys.k = () => move(-1);
  page.keys.Enter = () => at().enter();
}

export function panel(title, content, extra = null, kind = "") {
  return el("section", { class: ["panel", kind], "aria-label": title }, el("header", {}, el("h2", {}, title), extra), content);
}
