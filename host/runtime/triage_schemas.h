// SPDX-License-Identifier: Apache-2.0
// JSON Schemas of what the routes for dead letters answer, and the parameters that they share.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "admin/route.h"

namespace eddy::host::triage_schemas {

nlohmann::ordered_json queues();
nlohmann::ordered_json groups();
nlohmann::ordered_json letters();
nlohmann::ordered_json letter();  // whole
nlohmann::ordered_json discard_body();
nlohmann::ordered_json discard();

std::vector<ApiParameter> filter_and_page();

}  // namespace eddy::host::triage_schemas
