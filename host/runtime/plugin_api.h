// SPDX-License-Identifier: Apache-2.0
// The admin listener's routes for plugins: /api/v1/plugins.
#pragma once

#include "admin/server.h"
#include "runtime/host_view.h"
#include "runtime/requests.h"

namespace eddy::host {

// What is known of each, what it is in quarantine for, and what happened to it lately; release and rollback. Both must
// outlive the server.
void add_plugin_routes(AdminServer& admin, const HostViewBox& view, Requests& requests);

}  // namespace eddy::host
