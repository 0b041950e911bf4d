// SPDX-License-Identifier: Apache-2.0
// The admin listener's routes for redrives.
#pragma once

#include "admin/server.h"
#include "redrive/redrives.h"

namespace eddy::host {

// Both outlive the listener's threads.
void add_redrive_routes(AdminServer& admin, Redrives& redrives, const Clock& clock);

}  // namespace eddy::host
