// SPDX-License-Identifier: Apache-2.0
// The admin listener's routes for those that watch the host: /metrics, /healthz, /readyz.
#pragma once

#include "admin/server.h"
#include "metrics/metrics.h"
#include "runtime/host_view.h"
#include "runtime/survey.h"

namespace eddy::host {

// One line for each reason; empty: the host is ready. [any thread]
std::string why_not_ready(const HostViewBox& box, Survey& survey);

// All of them must outlive the server.
void add_health_routes(AdminServer& admin, Metrics& metrics, const HostViewBox& view, Survey& survey);

}  // namespace eddy::host
