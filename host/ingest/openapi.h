// SPDX-License-Identifier: Apache-2.0
// What the ingest API says of itself: OpenAPI 3.1 of all routes, from their models.
#pragma once

#include <string>
#include <string_view>

#include "ingest/route.h"
#include "settings/ingest_settings.h"

namespace eddy::host {

// The document that GET /openapi.json is answered with. `version` is the host's.
std::string openapi(const IngestRoutes& routes, const IngestSettings& settings, std::string_view version);

}  // namespace eddy::host
