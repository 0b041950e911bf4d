// SPDX-License-Identifier: Apache-2.0
#include "admin/schema.h"

namespace eddy::host::schema {
namespace {

Json typed(const char* type, std::string description) {
  Json json{{"type", type}};
  if (!description.empty()) json["description"] = std::move(description);
  return json;
}

}  // namespace

Json text(std::string description) { return typed("string", std::move(description)); }
Json integer(std::string description) { return typed("integer", std::move(description)); }
Json number(std::string description) { return typed("number", std::move(description)); }
Json boolean(std::string description) { return typed("boolean", std::move(description)); }

Json time(std::string description) {
  Json json = text(std::move(description));
  json["format"] = "date-time";
  return json;
}

Json choice(std::vector<std::string> values, std::string description) {
  Json json = text(std::move(description));
  json["enum"] = std::move(values);
  return json;
}

Json any(std::string description) {
  Json json = Json::object();
  if (!description.empty()) json["description"] = std::move(description);
  return json;
}

Json nullable(Json schema) {
  Json either = Json::array();
  Json out = Json::object();
  if (schema.contains("description")) {
    out["description"] = schema["description"];
    schema.erase("description");
  }
  either.push_back(std::move(schema));
  either.push_back({{"type", "null"}});
  out["anyOf"] = std::move(either);
  return out;
}

Json array(Json items, std::string description) {
  Json json = typed("array", std::move(description));
  json["items"] = std::move(items);
  return json;
}

Json map(Json values, std::string description) {
  Json json = typed("object", std::move(description));
  json["additionalProperties"] = std::move(values);
  return json;
}

Json object(std::vector<std::pair<std::string, Json>> properties) {
  std::vector<std::string> names;
  for (const auto& property : properties) names.push_back(property.first);
  return body(std::move(properties), std::move(names));
}

Json body(std::vector<std::pair<std::string, Json>> properties, std::vector<std::string> required) {
  Json json = typed("object", "");
  Json all = Json::object();
  for (auto& [name, schema] : properties) all[name] = std::move(schema);
  json["properties"] = std::move(all);
  if (!required.empty()) json["required"] = std::move(required);
  json["additionalProperties"] = false;
  return json;
}

}  // namespace eddy::host::schema
