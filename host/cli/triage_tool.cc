// SPDX-License-Identifier: Apache-2.0
#include "cli/triage_tool.h"

#include <algorithm>

#include "runtime/open_transport.h"
#include "runtime/redaction.h"
#include "runtime/triage.h"

namespace eddy::host {

namespace {

Result<void> catch_up(TriageTool& tool) {
  EDDY_ASSIGN([[maybe_unused]] const CatchUp done, tool.index->catch_up(tool.queues));
  return {};
}

}  // namespace

Result<TriageTool> open_triage_tool(const CommonOptions& options, const std::string& queue) {
  TriageTool tool;
  EDDY_ASSIGN(tool.settings, load(options));
  EDDY_ASSIGN(tool.own_transport, open_transport(tool.settings, TransportUse::kTool));
  tool.transport = tool.own_transport.get();
  EDDY_ASSIGN([[maybe_unused]] const StreamId id, tool.transport->find_stream(queue));
  EDDY_ASSIGN(tool.index, open_triage(tool.settings, *tool.transport));
  std::string base = queue;
  LetterFilter any;
  resolve_parked(base, any);
  tool.queues = {base};
  EDDY_TRY(catch_up(tool));
  return tool;
}

Result<TriageTool> open_triage_tool(const CommonOptions& options) {
  TriageTool tool;
  EDDY_ASSIGN(tool.settings, load(options));
  EDDY_ASSIGN(tool.inventory, open_inventory(tool.settings, true));
  tool.transport = tool.inventory.transport.get();
  EDDY_ASSIGN(tool.index, open_triage(tool.settings, *tool.transport));
  tool.queues = queues_of(tool.inventory.topology());
  EDDY_ASSIGN(const auto known, tool.index->queues());
  for (const QueueSummary& queue : known) {
    if (std::find(tool.queues.begin(), tool.queues.end(), queue.queue) == tool.queues.end()) {
      tool.queues.push_back(queue.queue);
    }
  }
  EDDY_TRY(catch_up(tool));
  return tool;
}

Result<Mask> mask_of(TriageTool& tool, const std::string& queue, const std::string& function) {
  if (tool.inventory.registry == nullptr) {
    EDDY_ASSIGN(tool.inventory, open_inventory(tool.settings, false));
  }
  std::vector<std::string> pointers = tool.settings.redact(function, queue);
  const auto redacted = redacted_streams(tool.inventory.topology(), tool.settings);
  if (const auto more = redacted.find(queue); more != redacted.end()) {
    pointers.insert(pointers.end(), more->second.begin(), more->second.end());
  }
  return Mask(pointers);
}

}  // namespace eddy::host
