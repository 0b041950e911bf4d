// SPDX-License-Identifier: Apache-2.0
// The triage index as commands use it: beside a running host or without one, caught up before it is looked at.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"
#include "dead_letter/mask.h"
#include "runtime/inventory.h"
#include "triage/triage_index.h"

namespace eddy::host {

struct TriageTool {
  Settings settings;
  Inventory inventory;  // of a tool for all queues
  std::unique_ptr<Transport> own_transport;
  Transport* transport = nullptr;
  std::unique_ptr<TriageIndex> index;
  std::vector<std::string> queues;  // caught up with
};

// For one queue; of a parked one's name, for the queue it belongs to. kBadData when there is no such stream.
Result<TriageTool> open_triage_tool(const CommonOptions& options, const std::string& queue);
// For the queues that plugins declare, the host-wide one, and those that the index knows from before.
Result<TriageTool> open_triage_tool(const CommonOptions& options);

// What `redact` hides of a queue's letters, by the plugins' declarations and the settings; of those of a function too
// that no plugin here has.
Result<Mask> mask_of(TriageTool& tool, const std::string& queue, const std::string& function = {});

}  // namespace eddy::host
