// SPDX-License-Identifier: Apache-2.0
// A model as the host knows it: compiled once from a plugin's declaration, then immutable.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "eddy/abi.h"

namespace eddy::host {

class Model;

struct ModelType {
  std::uint32_t kind = 0;              // EDDY_TYPE_*
  std::unique_ptr<ModelType> element;  // OPTIONAL, LIST, MAP
  std::shared_ptr<const Model> model;  // MODEL
  std::vector<std::string> symbols;    // ENUM
};

struct ModelField {
  std::string name;  // wire name
  ModelType type;
  bool key = false;
  bool unique = false;
};

// Immutable, thread-safe. Owns copies of everything it was compiled from, the validate function excepted.
class Model {
 public:
  // Refuses (kRefused): no name, no field, more than 4096 fields, a repeated or empty field name, an unknown type kind,
  // a missing element, a model that contains itself, nesting deeper than 32, optional of optional.
  static Result<std::shared_ptr<const Model>> compile(const eddy_model* declaration);

  const std::string& name() const { return name_; }
  const std::vector<ModelField>& fields() const { return fields_; }
  // Index of the field with this wire name, or -1. One perfect-hash-like look-up; `hint` is where the caller expects
  // it.
  int find(std::string_view wire_name, std::size_t hint = 0) const;
  // Index of the first key field, or -1.
  int key_field() const { return key_field_; }
  // "Movie{Title:string!,US Gross:i64,...}": equal models have equal signatures, whatever plugin they come from.
  const std::string& signature() const { return signature_; }
  // The first difference to another model, for an operator: "field /US Gross is i64 here and f64 there".
  std::string difference(const Model& other) const;

 private:
  Model() = default;
  friend class ModelCompiler;
  std::string name_;
  std::vector<ModelField> fields_;
  int key_field_ = -1;
  std::string signature_;
};

}  // namespace eddy::host
