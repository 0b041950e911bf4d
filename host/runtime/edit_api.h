// SPDX-License-Identifier: Apache-2.0
// The admin listener's route for corrected copies of letters.
#pragma once

#include "admin/server.h"
#include "runtime/host_view.h"
#include "runtime/try_api.h"

namespace eddy::host {

// POST /api/v1/letters/{id}/edit. All it is given outlives the server.
void add_edit_route(AdminServer& admin, const HostViewBox& view, Transport& transport, OpenIndex open_index);

}  // namespace eddy::host
