// SPDX-License-Identifier: Apache-2.0
// The admin listener's routes for streams: /api/v1/streams.
#pragma once

#include "admin/server.h"
#include "runtime/host_view.h"
#include "stream/transport.h"

namespace eddy::host {

// Reading here never consumes. Both must outlive the server.
void add_stream_routes(AdminServer& admin, const HostViewBox& view, Transport& transport);

}  // namespace eddy::host
