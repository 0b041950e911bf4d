// SPDX-License-Identifier: Apache-2.0
#include "ingest/json_schema.h"

#include <cstdint>
#include <limits>

namespace eddy::host {
namespace {

using Json = nlohmann::ordered_json;

template <typename Integer>
Json integer(const char* format) {
  return {{"type", "integer"},
          {"format", format},
          {"minimum", std::numeric_limits<Integer>::min()},
          {"maximum", std::numeric_limits<Integer>::max()}};
}

Json timestamp() {
  return {{"description", "An RFC 3339 time, or seconds since 1970-01-01T00:00:00Z."},
          {"anyOf", {{{"type", "string"}, {"format", "date-time"}}, {{"type", "number"}}}}};
}

Json scalar(std::uint32_t kind) {
  switch (kind) {
    case EDDY_TYPE_BOOL:
      return {{"type", "boolean"}};
    case EDDY_TYPE_I8:
      return integer<std::int8_t>("int8");
    case EDDY_TYPE_I16:
      return integer<std::int16_t>("int16");
    case EDDY_TYPE_I32:
      return integer<std::int32_t>("int32");
    case EDDY_TYPE_I64:
      return integer<std::int64_t>("int64");
    case EDDY_TYPE_U8:
      return integer<std::uint8_t>("uint8");
    case EDDY_TYPE_U16:
      return integer<std::uint16_t>("uint16");
    case EDDY_TYPE_U32:
      return integer<std::uint32_t>("uint32");
    case EDDY_TYPE_U64:
      return integer<std::uint64_t>("uint64");
    case EDDY_TYPE_F32:
      return {{"type", "number"}, {"format", "float"}};
    case EDDY_TYPE_F64:
      return {{"type", "number"}, {"format", "double"}};
    case EDDY_TYPE_STRING:
      return {{"type", "string"}};
    case EDDY_TYPE_TIMESTAMP:
      return timestamp();
    default:
      return {{"description", "Any JSON value."}};
  }
}

Json example(const ModelType& type, std::string_view name);

Json example_row(const Model& model) {
  Json object = Json::object();
  for (const ModelField& field : model.fields()) object[field.name] = example(field.type, field.name);
  return object;
}

// A text says which field it is of.
Json example(const ModelType& type, std::string_view name) {
  switch (type.kind) {
    case EDDY_TYPE_BOOL:
      return true;
    case EDDY_TYPE_F32:
    case EDDY_TYPE_F64:
      return 1.5;
    case EDDY_TYPE_STRING:
      return name;
    case EDDY_TYPE_TIMESTAMP:
      return "2026-01-31T12:00:00Z";
    case EDDY_TYPE_ENUM:
      return type.symbols.front();
    case EDDY_TYPE_MODEL:
      return example_row(*type.model);
    case EDDY_TYPE_JSON:
      return {{"any", "value"}};
    case EDDY_TYPE_OPTIONAL:
      return example(*type.element, name);
    case EDDY_TYPE_LIST:
      return Json::array({example(*type.element, name)});
    case EDDY_TYPE_MAP:
      return {{"key", example(*type.element, name)}};
    default:
      return 1;
  }
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

}  // namespace

void SchemaSet::add(const std::string& name, Json schema) {
  taken_.insert(name);
  definitions_[name] = std::move(schema);
}

Json SchemaSet::ref(const Model& model) {
  const auto known = names_.find(model.signature());
  if (known != names_.end()) return {{"$ref", prefix_ + known->second}};
  const std::string name = name_for(model);
  names_.emplace(model.signature(), name);
  definitions_[name] = nullptr;  // its place is before those that it contains
  Json schema = object(model);
  definitions_[name] = std::move(schema);
  return {{"$ref", prefix_ + name}};
}

Json SchemaSet::object(const Model& model) {
  Json properties = Json::object(), required = Json::array();
  for (const ModelField& field : model.fields()) {
    properties[field.name] = type(field.type);
    if (field.type.kind != EDDY_TYPE_OPTIONAL) required.push_back(field.name);
  }
  Json schema{{"title", model.name()}, {"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

Json SchemaSet::type(const ModelType& type) {
  switch (type.kind) {
    case EDDY_TYPE_ENUM:
      return {{"type", "string"}, {"enum", type.symbols}};
    case EDDY_TYPE_MODEL:
      return ref(*type.model);
    case EDDY_TYPE_OPTIONAL: {
      Json choices = Json::array({this->type(*type.element)});
      choices.push_back({{"type", "null"}});
      return {{"anyOf", std::move(choices)}};
    }
    case EDDY_TYPE_LIST:
      return {{"type", "array"}, {"items", this->type(*type.element)}};
    case EDDY_TYPE_MAP:
      return {{"type", "object"}, {"additionalProperties", this->type(*type.element)}};
    default:
      return scalar(type.kind);
  }
}

std::string SchemaSet::name_for(const Model& model) {
  const std::string plain = plain_name(model.name());
  std::string name = plain;
  for (int next = 2; !taken_.insert(name).second; ++next) name = plain + "_" + std::to_string(next);
  return name;
}

std::string json_schema(const Model& model) {
  SchemaSet set("#/$defs/");
  Json schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"}};
  schema.update(set.ref(model));
  schema["$defs"] = set.take();
  return schema.dump(2) + "\n";
}

std::string example_of(const Model& model) { return example_row(model).dump(); }

std::string plain_name(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (!is_plain(c)) c = '_';
  }
  return out;
}

}  // namespace eddy::host
