// SPDX-License-Identifier: Apache-2.0
// Models as JSON Schema 2020-12, and a value of each that the decoder takes.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "model/model.h"

namespace eddy::host {

// Schemas that refer to each other by name. Models with the same signature are one; others with the same name get a
// number behind it. Not thread-safe.
class SchemaSet {
 public:
  using Json = nlohmann::ordered_json;

  // `prefix` is where the definitions will stand: "#/components/schemas/".
  explicit SchemaSet(std::string prefix) : prefix_(std::move(prefix)) {}

  // Puts a schema of our own under a name that no model gets then.
  void add(const std::string& name, Json schema);
  // {"$ref": …} to the model, which is defined with all that it contains.
  Json ref(const Model& model);
  // Name to schema.
  Json take() { return std::move(definitions_); }

 private:
  Json type(const ModelType& type);
  Json object(const Model& model);
  std::string name_for(const Model& model);

  std::string prefix_;
  Json definitions_ = Json::object();
  std::map<std::string, std::string, std::less<>> names_;  // by signature
  std::set<std::string> taken_;
};

// One document, its other models under $defs.
std::string json_schema(const Model& model);

// A JSON object that decodes as the model; optional fields have a value in it. A plugin's own checks may still refuse
// it.
std::string example_of(const Model& model);

// Letters, digits, dots, dashes and underscores; others become underscores.
std::string plain_name(std::string_view name);

}  // namespace eddy::host
