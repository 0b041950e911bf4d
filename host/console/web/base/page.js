// SPDX-License-Identifier: Apache-2.0
// One view while it is shown: its place in the document, its clock, and what ends with it.

import { el, replace } from "./dom.js";
import { ago } from "./format.js";
import { useKeys } from "./keys.js";
import { legible } from "./text.js";

export class Page {
  constructor(main) {
    this.leaving = new AbortController();
    this.problem = el("div", { class: "problem", role: "alert", hidden: true });
    this.fresh = el("span", { class: "fresh" });
    this.heading = el("div", { class: "heading" });
    this.body = el("div", { class: "body" });
    this.keys = {};
    replace(main, this.heading, this.problem, this.body);
    useKeys(this.keys);
  }

  get signal() {
    return this.leaving.signal;
  }

  leave() {
    this.leaving.abort();
    clearTimeout(this.timer);
  }

  // `crumbs`: [text, address] of what is above; `actions`: buttons.
  title(text, { crumbs = [], actions = [], note = null } = {}) {
    document.title = `${legible(text)} · Eddy`;
    replace(
      this.heading,
      el(
        "div",
        { class: "title" },
        crumbs.length > 0 && el("nav", { class: "crumbs", "aria-label": "Above" }, crumbs.map(crumb)),
        el("h1", { tabindex: "-1" }, text),
        note && el("div", { class: "note" }, note),
      ),
      el("div", { class: "actions" }, this.fresh, actions),
    );
  }

  show(...children) {
    replace(this.body, children);
  }

  // What the API refused, as it said it; null: all is well.
  fail(error) {
    if (error?.name === "AbortError") return;
    this.problem.hidden = error === null;
    if (error === null) return;
    const status = error.status ? `${error.status} · ` : "";
    replace(this.problem, el("strong", {}, `${status}${error.status === 0 ? "No answer" : "Refused"}`), el("span", {}, error.message));
    if (error.status === undefined) console.error(error); // no refusal: a fault of this console
  }

  // Once; true when it worked.
  async run(action) {
    try {
      await action();
      this.fail(null);
      return true;
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  // Now, and then every so often while the page is seen; `r` at any time. `action` may give false: never again.
  async poll(everyMs, action) {
    this.everyMs = everyMs;
    const turn = async () => {
      clearTimeout(this.timer);
      let go = true;
      if (!document.hidden) {
        const worked = await this.run(async () => {
          go = (await action()) !== false;
        });
        if (this.signal.aborted) return;
        if (worked) this.seen();
      }
      if (go) this.timer = setTimeout(turn, this.everyMs);
    };
    this.keys.r = turn;
    await turn();
  }

  slower(everyMs) {
    this.everyMs = everyMs;
  }

  // When what is shown was read.
  seen() {
    const at = new Date().toISOString();
    replace(this.fresh, el("time", { datetime: at, title: `Read ${at}` }, `as of ${at.slice(11, 19)} UTC`));
  }
}

function crumb([text, address]) {
  return [el("a", { href: address }, text), el("span", { "aria-hidden": "true" }, "/")];
}

// For screen readers, and as a short notice.
let quiet = 0;
export function say(text) {
  const out = document.getElementById("said");
  replace(out, text);
  out.classList.add("on");
  clearTimeout(quiet);
  quiet = setTimeout(() => out.classList.remove("on"), 4000);
}

export function timeOf(time) {
  return time ? el("time", { datetime: time, title: time }, ago(time)) : "–";
}
