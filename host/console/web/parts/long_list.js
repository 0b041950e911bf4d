// SPDX-License-Identifier: Apache-2.0
// A list of any length: only the rows that can be seen are in the document, and pages are read as they are reached.

import { el, freshId, replace } from "../base/dom.js";

const SPARE = 8; // rows above and below what is seen

// `read(after)`: a page, {rows, next, total} (total: null when nobody knows). `cells(row)`: what a row shows.
// `address(row)`: where it leads.
export class LongList {
  constructor({ kind, label, columns, height, narrowHeight, read, cells, address, empty, signal }) {
    Object.assign(this, { read, cells, address, empty });
    this.id = freshId("list");
    this.narrow = matchMedia("(max-width: 760px)");
    this.heights = [height, narrowHeight];
    this.space = el("div", { class: "list-space", role: "presentation" });
    this.body = el("div", { class: "list-body", role: "listbox", tabindex: "0", "aria-label": label, on: { scroll: () => this.draw() } }, this.space);
    this.foot = el("div", { class: "list-foot" });
    const head = el("div", { class: "list-head", "aria-hidden": "true" }, columns.map(([text, kind]) => el("div", { class: kind }, text)));
    this.body.prepend(head);
    this.head = head;
    this.node = el("div", { class: ["list", kind] }, this.body, this.foot);
    this.forget();
    addEventListener("resize", () => this.place(), { signal });
    this.narrow.addEventListener("change", () => this.draw(true), { signal });
  }

  forget() {
    this.rows = [];
    this.next = "";
    this.total = null;
    this.ended = false;
    this.selected = -1;
    this.shown = new Map();
  }

  get rowHeight() {
    return this.heights[this.narrow.matches ? 1 : 0];
  }
  get length() {
    return this.total ?? this.rows.length;
  }

  // The first page, in place of all that is here; what was selected stays so when it is still among these.
  async reload() {
    const page = await this.read("");
    const key = this.rows[this.selected] && this.address(this.rows[this.selected]);
    const selected = this.selected;
    this.forget();
    this.take(page);
    this.selected = key ? this.rows.findIndex((row) => this.address(row) === key) : selected;
    this.draw(true);
    this.place();
  }

  // Only the first page is here, and nobody is further down: it can be read again unasked.
  get atTop() {
    return this.body.scrollTop < this.rowHeight && this.pages <= 1;
  }

  take({ rows, next, total }) {
    this.pages = this.rows.length === 0 ? 1 : this.pages + 1;
    this.rows.push(...rows);
    this.next = next ?? "";
    this.ended = !this.next;
    this.total = this.ended ? this.rows.length : (total ?? null);
  }

  // Pages until the row is here; one reader at a time.
  reach(index) {
    this.reading ??= this.readUpTo(() => Math.max(index, this.lastSeen)).finally(() => (this.reading = null));
    return this.reading;
  }

  async readUpTo(wanted) {
    while (!this.ended && this.rows.length <= wanted()) {
      const of = this.shown;
      const page = await this.read(this.next);
      if (this.shown !== of) continue; // begun anew meanwhile
      this.take(page);
      this.draw(true);
    }
  }

  draw(anew = false) {
    const height = this.rowHeight;
    this.space.style.height = `${Math.max(1, this.length) * height}px`;
    const first = Math.max(0, Math.floor(this.body.scrollTop / height) - SPARE);
    this.lastSeen = Math.ceil((this.body.scrollTop + this.body.clientHeight) / height) + SPARE;
    const last = Math.min(this.rows.length, this.lastSeen);
    if (anew) this.shown.forEach((node) => node.remove());
    if (anew) this.shown.clear();
    for (const [index, node] of this.shown) if (index < first || index >= last) this.drop(index, node);
    for (let index = first; index < last; ++index) if (!this.shown.has(index)) this.add(index);
    this.mark();
    if (this.lastSeen > this.rows.length && !this.ended) this.reach(this.lastSeen).catch((error) => this.failed(error));
    this.describe();
  }

  add(index) {
    const row = this.rows[index];
    const node = el(
      "a",
      { class: "row", role: "option", id: `${this.id}-${index}`, href: this.address(row), tabindex: "-1", "aria-posinset": index + 1, "aria-setsize": this.total ?? -1 },
      this.cells(row).map((cell) => el("div", {}, cell)),
    );
    node.style.top = `${index * this.rowHeight}px`;
    node.style.height = `${this.rowHeight}px`;
    this.shown.set(index, node);
    this.space.append(node);
  }

  drop(index, node) {
    node.remove();
    this.shown.delete(index);
  }

  describe() {
    if (this.rows.length === 0 && this.ended) return replace(this.foot, this.empty);
    const here = this.ended ? "all of them here" : `${this.rows.length.toLocaleString("en")} read so far`;
    const all = this.total === null ? "" : `${this.total.toLocaleString("en")} in all, `;
    replace(this.foot, el("span", {}, all + here), el("span", { class: "wide-only" }, "j and k to move, Enter to open"));
  }

  failed(error) {
    if (error.name !== "AbortError") replace(this.foot, el("span", { class: "refusal", role: "alert" }, error.message));
  }

  // The list ends where the window does.
  place() {
    const above = this.body.getBoundingClientRect().top + scrollY;
    this.body.style.setProperty("--above", `${Math.round(above + 62)}px`);
    this.draw();
  }

  mark() {
    for (const [index, node] of this.shown) node.setAttribute("aria-selected", String(index === this.selected));
    if (this.shown.has(this.selected)) this.body.setAttribute("aria-activedescendant", `${this.id}-${this.selected}`);
    else this.body.removeAttribute("aria-activedescendant");
  }

  async move(step) {
    const next = Math.max(0, this.selected + step);
    if (next >= this.rows.length) await this.reach(next);
    this.selected = Math.min(next, this.rows.length - 1);
    const top = this.selected * this.rowHeight;
    const seen = this.body.clientHeight - this.head.offsetHeight;
    if (top < this.body.scrollTop) this.body.scrollTop = top;
    if (top + this.rowHeight > this.body.scrollTop + seen) this.body.scrollTop = top + this.rowHeight - seen;
    this.body.focus({ preventScroll: true });
    this.draw();
  }

  enter() {
    const row = this.rows[this.selected];
    if (row) location.hash = this.address(row);
  }

  useKeys(keys) {
    const move = (step) => this.move(step).catch((error) => this.failed(error));
    Object.assign(keys, { j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1), Enter: () => this.enter() });
  }
}
