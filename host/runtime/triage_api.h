// SPDX-License-Identifier: Apache-2.0
// The admin listener's routes for dead letters: queues, groups, letters, and closing them.
#pragma once

#include <functional>
#include <memory>

#include "admin/server.h"
#include "base/clock.h"
#include "base/result.h"
#include "runtime/host_view.h"
#include "stream/transport.h"
#include "triage/triage_index.h"

namespace eddy::host {

// What the routes work with; all of it must outlive the server.
struct TriageParts {
  const HostViewBox& view;
  Transport& transport;
  const Clock& clock;
  // The index that TriageIndexer keeps fresh; each request opens its own.
  std::function<Result<std::unique_ptr<TriageIndex>>()> open;
};

void add_triage_routes(AdminServer& admin, TriageParts parts);

}  // namespace eddy::host
