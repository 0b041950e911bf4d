// SPDX-License-Identifier: Apache-2.0
// All views: where each is, and the key that leads there.

import * as audit from "./audit.js";
import * as groups from "./groups.js";
import * as letter from "./letter.js";
import * as letters from "./letters.js";
import * as overview from "./overview.js";
import * as plugin from "./plugin.js";
import * as plugins from "./plugins.js";
import * as queues from "./queues.js";
import * as records from "./records.js";
import * as redrive from "./redrive.js";
import * as redriveForm from "./redrive_form.js";
import * as redrives from "./redrives.js";
import * as streams from "./streams.js";
import * as topology from "./topology.js";
import * as tryForm from "./try_form.js";
import * as trial from "./trial.js";

// In the bar.
export const VIEWS = [
  { name: "Overview", key: "o", path: ["overview"] },
  { name: "Queues", key: "q", path: ["queues"] },
  { name: "Redrives", key: "r", path: ["redrives"] },
  { name: "Plugins", key: "p", path: ["plugins"] },
  { name: "Topology", key: "t", path: ["topology"] },
  { name: "Streams", key: "s", path: ["streams"] },
  { name: "Audit", key: "a", path: ["audit"] },
];

// "*" stands for any one segment.
const ROUTES = [
  ["overview", "Overview", overview],
  ["queues", "Queues", queues],
  ["queues/*/groups", "Queues", groups],
  ["queues/*/letters", "Queues", letters],
  ["queues/*/try", "Queues", tryForm],
  ["queues/*/redrive", "Queues", redriveForm],
  ["letters/*", "Queues", letter],
  ["tries/*", "Queues", trial],
  ["redrives", "Redrives", redrives],
  ["redrives/*", "Redrives", redrive],
  ["plugins", "Plugins", plugins],
  ["plugins/*", "Plugins", plugin],
  ["topology", "Topology", topology],
  ["streams", "Streams", streams],
  ["streams/*", "Streams", records],
  ["audit", "Audit", audit],
];

const nowhere = {
  show(page, { path }) {
    page.title("There is no such view", { note: `#/${path.join("/")}` });
  },
};

export function viewFor(path) {
  for (const [pattern, section, view] of ROUTES) {
    const segments = pattern.split("/");
    const fits = segments.length === path.length && segments.every((each, index) => each === "*" || each === path[index]);
    if (fits) return { section, show: view.show };
  }
  return { section: "", show: nowhere.show };
}
