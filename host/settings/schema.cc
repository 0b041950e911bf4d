// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "settings/fields.h"
#include "settings/reference.h"

namespace eddy::host {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Value& value) {
  return std::visit(
      [](const auto& held) -> Json {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::monostate>) {
          return nullptr;
        } else {
          return held;
        }
      },
      value);
}

Json number_of(const Field& field) {
  const bool whole = field.kind == Kind::kInteger;
  const auto bound = [&](double limit) { return whole ? Json(static_cast<std::int64_t>(limit)) : Json(limit); };
  return {{"type", whole ? "integer" : "number"}, {"minimum", bound(field.least)}, {"maximum", bound(field.most)}};
}

Json text_of(const Field& field) {
  if (!field.allowed.empty()) return {{"enum", field.allowed}};
  Json json{{"type", "string"}};
  if (field.listen_address) json["pattern"] = "^.+:[0-9]+$";
  if (field.fallback != Value(std::string())) json["minLength"] = 1;
  if (field.may_be_off) return {{"anyOf", {std::move(json), {{"enum", {"", false}}}}}};
  return json;
}

Json schema_of(const Field& field) {
  switch (field.kind) {
    case Kind::kBool:
      return {{"type", "boolean"}};
    case Kind::kInteger:
    case Kind::kNumber:
      return number_of(field);
    case Kind::kText:
      return text_of(field);
    case Kind::kTextList:
      return {{"type", "array"}, {"items", {{"type", "string"}, {"minLength", 1}}}};
    case Kind::kProperties:
      return {{"type", {"object", "null"}}, {"additionalProperties", {{"type", {"string", "number", "boolean"}}}}};
    case Kind::kMapping:
      break;
  }
  return {{"type", {"object", "null"}}};
}

Json available(const Field& field) {
  if (field.only.empty()) return schema_of(field);
  if (std::holds_alternative<std::monostate>(field.fallback)) return {{"not", Json::object()}};
  return {{"const", to_json(field.fallback)}};
}

// A scalar may also come from the environment.
bool may_be_variable(const Field& field, const Json& type) {
  const bool scalar = field.kind != Kind::kTextList && field.kind != Kind::kProperties && field.kind != Kind::kMapping;
  return scalar && !type.contains("not") && type != Json{{"type", "string"}, {"minLength", 1}};
}

Json property(const Field& field) {
  std::string description(field.doc);
  if (!field.unit.empty()) description += " Unit: " + std::string(field.unit) + ".";
  if (!field.only.empty()) description += " Not available: " + std::string(field.only) + ".";
  if (!field.served) description += " Declared; not served by this version.";
  Json out{{"description", description}};
  if (!std::holds_alternative<std::monostate>(field.fallback) && field.kind != Kind::kMapping &&
      field.kind != Kind::kProperties) {
    out["default"] = to_json(field.fallback);
  }
  Json type = available(field);
  if (may_be_variable(field, type)) {
    out["anyOf"] = Json::array({std::move(type), Json{{"$ref", "#/$defs/variable"}}});
  } else {
    out.update(type);
  }
  return out;
}

// Nothing in it: all its keys are commented out.
Json closed_object() {
  return {{"type", {"object", "null"}}, {"additionalProperties", false}, {"properties", Json::object()}};
}

void add(Json& object, std::string_view path, Json content) {
  const std::size_t dot = path.find('.');
  const std::string name(path.substr(0, dot));
  Json& properties = object["properties"];
  if (dot == std::string_view::npos) {
    properties[name] = std::move(content);
    return;
  }
  if (!properties.contains(name)) properties[name] = closed_object();
  add(properties[name], path.substr(dot + 1), std::move(content));
}

Json object_of(Scope scope) {
  Json object = closed_object();
  for (const Field& field : fields(scope)) add(object, field.path, property(field));
  return object;
}

Json sections(const char* definition, const char* what) {
  return {{"description", std::string("Keyed by the name of ") + what +
                              ", or by a glob with * and ?. All that match are laid over each other in file order."},
          {"type", {"object", "null"}},
          {"propertyNames", {{"minLength", 1}}},
          {"additionalProperties", {{"$ref", std::string("#/$defs/") + definition}}}};
}

Json tokens(const char* description, const char* definition) {
  return {{"description", description},
          {"type", {"array", "null"}},
          {"items", {{"$ref", std::string("#/$defs/") + definition}}}};
}

Json token(Scope scope, std::vector<std::string> required) {
  Json object = object_of(scope);
  object["type"] = "object";
  object["required"] = std::move(required);
  return object;
}

Json webhooks() {
  return {{"description", "Those who are told of new causes and rates, keyed by a name."},
          {"type", {"object", "null"}},
          {"propertyNames", {{"minLength", 1}}},
          {"additionalProperties", {{"$ref", "#/$defs/webhook"}}}};
}

}  // namespace

std::string settings_schema() {
  Json schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "Eddy configuration"}};
  schema.update(object_of(Scope::kTop));
  add(schema, section_name(Scope::kStream), sections("stream", "a stream"));
  add(schema, section_name(Scope::kFunction), sections("function", "a function"));
  add(schema, section_name(Scope::kQueue), sections("dead_letter_queue", "a dead letter queue"));
  add(schema, section_name(Scope::kTable), sections("table", "a table"));
  add(schema, section_name(Scope::kToken), tokens("Bearer tokens, each known by its hash alone.", "token"));
  add(schema, section_name(Scope::kAdminToken),
      tokens("Bearer tokens of operators, tools and scrapers.", "admin_token"));
  add(schema, section_name(Scope::kWebhook), webhooks());
  schema["$defs"] = {{"webhook", object_of(Scope::kWebhook)},
                     {"stream", object_of(Scope::kStream)},
                     {"table", object_of(Scope::kTable)},
                     {"token", token(Scope::kToken, {"name", "hash"})},
                     {"admin_token", token(Scope::kAdminToken, {"name"})},
                     {"function", object_of(Scope::kFunction)},
                     {"dead_letter_queue", object_of(Scope::kQueue)},
                     {"variable",
                      {{"description", "A value with an environment variable in it: ${NAME} or ${NAME:-default}."},
                       {"type", "string"},
                       {"pattern", "\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}"}}}};
  return schema.dump(2) + "\n";
}

}  // namespace eddy::host
