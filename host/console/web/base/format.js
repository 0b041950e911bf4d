// SPDX-License-Identifier: Apache-2.0
// Numbers and times as people read them.

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

export function count(number) {
  return WHOLE.format(number ?? 0);
}

// 1,234 stays; 1234567 is 1.23M.
export function shortCount(number) {
  return Math.abs(number ?? 0) < 10000 ? WHOLE.format(number ?? 0) : SHORT.format(number);
}

export function rate(number) {
  const value = number ?? 0;
  if (value === 0) return "0";
  if (value < 0.1) return "<0.1";
  return value < 10 ? value.toFixed(1) : shortCount(Math.round(value));
}

export function bytes(number) {
  let value = number ?? 0;
  for (const unit of ["B", "KiB", "MiB", "GiB"]) {
    if (value < 1024) return `${unit === "B" || value >= 100 ? Math.round(value) : value.toFixed(1)} ${unit}`;
    value /= 1024;
  }
  return `${value.toFixed(1)} TiB`;
}

export function plural(number, one, many = one + "s") {
  return `${count(number)} ${number === 1 ? one : many}`;
}

// Never 100 % unless it is all of them, never 0 % unless it is none.
export function percent(ratio) {
  if (ratio === null || ratio === undefined) return "–";
  if (ratio === 0 || ratio === 1) return `${ratio * 100} %`;
  return `${Math.min(99.9, Math.max(0.1, ratio * 100)).toFixed(1)} %`;
}

const STEPS = [
  [60, 1, "s"],
  [3600, 60, "m"],
  [86400, 3600, "h"],
  [Infinity, 86400, "d"],
];

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds > 0 && seconds < 1) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  for (const [below, unit, name] of STEPS) {
    if (seconds < below) return `${Math.floor(seconds / unit)} ${name}`;
  }
  return "–";
}

// "3 m ago", of an RFC 3339 text.
export function ago(time, now = Date.now()) {
  const then = Date.parse(time ?? "");
  if (Number.isNaN(then)) return "–";
  const seconds = (now - then) / 1000;
  return seconds < 1 ? "now" : `${duration(seconds)} ago`;
}

// "2027-01-31 10:20:30", in UTC as all of the host's times.
export function stamp(time) {
  return time ? `${time.slice(0, 10)} ${time.slice(11, 19)}` : "–";
}
