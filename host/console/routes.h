// SPDX-License-Identifier: Apache-2.0
// The console: `/` of the admin listener, its files under /console/, and /api/v1/operator.
#pragma once

#include "admin/server.h"

namespace eddy::host {

// The files need no token: they are the same for everybody and say nothing of the host. What they show comes from the
// API, which asks for one.
void add_console_routes(AdminServer& admin);

}  // namespace eddy::host
