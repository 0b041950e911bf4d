// SPDX-License-Identifier: Apache-2.0
// What redrives need of the host that runs.
#pragma once

#include <functional>
#include <string>

#include "ingest/route.h"
#include "metrics/metrics.h"
#include "redrive/sender.h"
#include "runtime/host_view.h"

namespace eddy::host {

struct RedriveNeeds {
  std::function<Result<std::unique_ptr<TriageIndex>>()> open_index;
  std::function<std::string()> masks;  // identity of those that it has now
  // Makes the control thread bind functions again, for a redrive stream that was made just now.
  std::function<void()> start_reading;
  std::function<IngestRoutesPtr()> routes;  // of the ingest APIs that are served [any thread]
  Metrics& metrics;
};

// All it is given outlives it.
RedriveContext redrive_context(Transport& transport, const Clock& clock, const HostViewBox& view, RedriveNeeds needs);

}  // namespace eddy::host
