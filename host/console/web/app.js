// SPDX-License-Identifier: Apache-2.0
// The wiring: addresses to views, keys to actions.

import { parse, link } from "./base/address.js";
import { at, get } from "./base/api.js";
import { el, replace } from "./base/dom.js";
import { startKeys } from "./base/keys.js";
import { Page } from "./base/page.js";
import * as session from "./base/session.js";
import { nextTheme, startTheme } from "./base/theme.js";
import { openHelp } from "./views/help.js";
import { viewFor, VIEWS } from "./views/views.js";

let page = null;

function showNavigation(current) {
  replace(
    document.getElementById("views"),
    VIEWS.map(({ name, key, path }) => el("a", { href: link(path), "aria-current": name === current ? "page" : null, title: `${name} (g ${key})` }, name)),
  );
  document.querySelector("#views [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

async function showView() {
  const address = parse(location.hash);
  const view = viewFor(address.path);
  page?.leave();
  const main = document.getElementById("main");
  page = new Page(main);
  showNavigation(view.section);
  const shown = page;
  await shown.run(() => view.show(shown, address));
  if (document.activeElement === document.body) main.focus({ preventScroll: true });
}

function focusFilter() {
  document.querySelector(".filter input, form input")?.focus();
}

async function start() {
  startTheme(document.getElementById("theme"));
  const help = document.getElementById("help");
  help.addEventListener("click", openHelp);
  startKeys({ "?": openHelp, "/": focusFilter, t: nextTheme, u: () => history.back() }, Object.fromEntries(VIEWS.map(({ key, path }) => [key, () => (location.hash = link(path))])));
  try {
    session.know(await get(at("operator")));
  } catch (error) {
    new Page(document.getElementById("main")).fail(error);
    return;
  }
  addEventListener("hashchange", showView);
  if (!location.hash) location.replace(link(["overview"]));
  else await showView();
}

start();
