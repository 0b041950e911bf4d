// SPDX-License-Identifier: Apache-2.0
// JSON Schemas of routes, with few words.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace eddy::host::schema {

using Json = nlohmann::ordered_json;

Json text(std::string description = "");
Json integer(std::string description = "");
Json number(std::string description = "");
Json boolean(std::string description = "");
Json time(std::string description = "");  // RFC 3339
Json choice(std::vector<std::string> values, std::string description = "");
Json any(std::string description = "");
Json nullable(Json schema);
Json array(Json items, std::string description = "");
Json map(Json values, std::string description = "");  // an object with names of its own

// All properties are there in an answer; for a body, `required` names those that must be.
Json object(std::vector<std::pair<std::string, Json>> properties);
Json body(std::vector<std::pair<std::string, Json>> properties, std::vector<std::string> required = {});

}  // namespace eddy::host::schema
