// SPDX-License-Identifier: Apache-2.0
// The admin listener's routes for trials: dead letters through another build, beside the host.
#pragma once

#include <functional>
#include <memory>

#include "admin/server.h"
#include "runtime/host_view.h"
#include "runtime/try/try_jobs.h"
#include "triage/triage_index.h"

namespace eddy::host {

using OpenIndex = std::function<Result<std::unique_ptr<TriageIndex>>()>;

// POST /api/v1/queues/{queue}/try, GET /api/v1/tries, GET /api/v1/tries/{id}, POST /api/v1/tries/{id}/cancel. What is
// masked stays so for everybody. All it is given outlives the server.
void add_try_routes(AdminServer& admin, const HostViewBox& view, TryJobs& jobs, OpenIndex open_index);

}  // namespace eddy::host
