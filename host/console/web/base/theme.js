// SPDX-License-Identifier: Apache-2.0
// Light, dark, or as the system has it.

const KEY = "eddy-theme";
const CHOICES = ["system", "light", "dark"];
const SIGNS = { system: "◐", light: "☀", dark: "☾" };

function stored() {
  const theme = localStorage.getItem(KEY);
  return CHOICES.includes(theme) ? theme : "system";
}

function show(button, theme) {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  button.textContent = SIGNS[theme];
  button.setAttribute("aria-label", `Colours: ${theme}`);
  button.title = `Colours: ${theme} (t)`;
}

export function startTheme(button) {
  show(button, stored());
  button.addEventListener("click", nextTheme);
}

export function nextTheme() {
  const next = CHOICES[(CHOICES.indexOf(stored()) + 1) % CHOICES.length];
  localStorage.setItem(KEY, next);
  show(document.getElementById("theme"), next);
}
