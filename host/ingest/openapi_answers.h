// SPDX-License-Identifier: Apache-2.0
// The parts of the OpenAPI document that are the same for all routes. Private to this folder.
#pragma once

#include <nlohmann/json.hpp>

#include "ingest/json_schema.h"

namespace eddy::host {

// Schemas of the bodies of answers.
void add_answer_schemas(SchemaSet& schemas);
// Status to response: of a POST.
nlohmann::ordered_json answers();
// Name to header parameter, and references to all of them.
nlohmann::ordered_json parameters();
nlohmann::ordered_json parameter_refs();

}  // namespace eddy::host
