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

  // "i64", "string?", "list<f64>", "enum{red,green}", "Point{x:f64,y:f64}": equal types have equal texts.
  std::string text() const;
  // Levels of types: 1 for a scalar.
  std::size_t nesting() const;
};

struct ModelField {
  std::string name;  // wire name
  ModelType type;
  bool key = false;
  bool unique = false;
  std::string json_prefix;  // what the encoder writes before the value: {"first": or ,"other":

  // "first":
  std::string_view json_key() const { return std::string_view(json_prefix).substr(1); }
};

// Immutable, thread-safe. Owns copies of everything it was compiled from, the validate function excepted.
class Model {
 public:
  // Refuses (kRefused): no name, no field, more than 4096 fields, a repeated or empty field name, an unknown type kind,
  // a missing element, an enum without symbols or with a repeated one, text that is not UTF-8, a model that contains
  // itself, nesting deeper than 32, optional of optional, a signature over 1 MiB.
  static Result<std::shared_ptr<const Model>> compile(const eddy_model* declaration);

  const std::string& name() const { return name_; }
  const std::vector<ModelField>& fields() const { return fields_; }
  // Index of the field with this wire name, or -1. `hint` is where the caller expects it: records usually come in
  // model order, so one comparison is the common case; else one hash look-up.
  int find(std::string_view wire_name, std::size_t hint = 0) const {
    if (hint < fields_.size() && fields_[hint].name == wire_name) return static_cast<int>(hint);
    return find_hashed(wire_name);
  }
  // Index of the first key field, or -1.
  int key_field() const { return key_field_; }
  // "Movie{Title:string!,US Gross:i64,...}", "!" for unique, "#" for the key: equal models have equal signatures,
  // whatever plugin they come from.
  const std::string& signature() const { return signature_; }
  // Levels of types below it: 1 when all fields are scalars.
  std::size_t nesting() const { return nesting_; }
  // About how long a row is as JSON; what the encoder makes room for.
  std::size_t json_size() const { return json_size_; }
  // The first difference to another model, for an operator: "field /US Gross is i64 here and f64 there". Empty when
  // there is none.
  std::string difference(const Model& other) const;

 private:
  Model() = default;
  friend class ModelCompiler;
  int find_hashed(std::string_view wire_name) const;
  void finish();  // everything that is derived from name_ and fields_

  std::string name_;
  std::vector<ModelField> fields_;
  int key_field_ = -1;
  std::size_t json_size_ = 0;
  std::size_t nesting_ = 0;  // levels of types below it
  std::string signature_;
  std::vector<std::uint16_t> slots_;  // open addressing by hash of the name: field index + 1, or 0; a power of two long
};

}  // namespace eddy::host
