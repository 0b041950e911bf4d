// SPDX-License-Identifier: Apache-2.0
// The admin listener's routes for what runs: /api/v1/functions, /api/v1/topology, /api/v1/overview.
#pragma once

#include "admin/server.h"
#include "metrics/metrics.h"
#include "runtime/host_view.h"
#include "runtime/rates.h"
#include "runtime/survey.h"
#include "stream/transport.h"

namespace eddy::host {

// What the routes read. All of it must outlive the server, and is thread-safe.
struct WhatRuns {
  const HostViewBox& view;
  Transport& transport;
  const Metrics& metrics;
  const Rates& rates;
  Survey& survey;
  std::int64_t started_us = 0;
};

void add_function_routes(AdminServer& admin, const WhatRuns& parts);
void add_overview_route(AdminServer& admin, const WhatRuns& parts);

std::string_view breaker_name(int state);  // "closed", "half-open", "open"

}  // namespace eddy::host
