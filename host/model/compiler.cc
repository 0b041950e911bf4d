// SPDX-License-Identifier: Apache-2.0
// Model::compile(): a plugin's declaration, read with distrust and copied.
#include <algorithm>
#include <map>
#include <unordered_set>

#include "base/bytes.h"
#include "base/encoding.h"
#include "model/model.h"

#pragma GCC diagnostic ignored "-Wold-style-cast"  // EDDY_HAS is a macro for C as well

namespace eddy::host {
namespace {

constexpr std::size_t kMaxFields = 4096;
constexpr std::size_t kMaxNesting = 32;
constexpr std::size_t kMaxSymbols = 65536;
constexpr std::size_t kMaxSignature = 1 << 20;

std::string too_deep() { return "is nested deeper than " + std::to_string(kMaxNesting) + " levels"; }

Error refused(std::string text) { return Error{Code::kRefused, std::move(text)}; }

bool is_name(eddy_str text) { return text.data != nullptr && text.size != 0 && is_utf8(to_view(text)); }

bool has_element(std::uint32_t kind) {
  return kind == EDDY_TYPE_OPTIONAL || kind == EDDY_TYPE_LIST || kind == EDDY_TYPE_MAP;
}

}  // namespace

class ModelCompiler {
 public:
  Result<std::shared_ptr<const Model>> model(const eddy_model* declaration, std::size_t depth);

 private:
  Result<void> fields(const eddy_model& declaration, Model& model, std::size_t depth);
  Result<ModelField> field(const eddy_model& declaration, std::uint32_t index, std::size_t depth);
  Result<ModelType> type(const eddy_type* declaration, std::size_t depth);
  Result<ModelType> with_element(const eddy_type& declaration, std::size_t depth);
  Result<ModelType> with_symbols(const eddy_type& declaration);

  std::vector<const eddy_model*> open_;  // being compiled: one met again contains itself
  std::map<const eddy_model*, std::shared_ptr<const Model>> done_;
};

namespace {

Result<std::string> checked_name(const eddy_model* declaration) {
  if (declaration == nullptr) return refused("a model is missing (a null pointer)");
  if (!EDDY_HAS(declaration, fields)) {
    return refused("a model's struct_size is " + std::to_string(declaration->struct_size) + ", expected at least " +
                   std::to_string(offsetof(eddy_model, validate)) + "; set it to sizeof(eddy_model)");
  }
  if (!is_name(declaration->name)) return refused("a model has no name, or one that is not UTF-8");
  return std::string(to_view(declaration->name));
}

Result<void> check_field_array(const eddy_model& declaration) {
  if (declaration.field_count == 0 || declaration.fields == nullptr) return refused("has no fields");
  if (declaration.field_count > kMaxFields) {
    return refused("has " + std::to_string(declaration.field_count) + " fields, expected at most " +
                   std::to_string(kMaxFields));
  }
  if (declaration.field_stride < sizeof(eddy_field) || declaration.field_stride % alignof(eddy_field) != 0) {
    return refused("field_stride is " + std::to_string(declaration.field_stride) +
                   ", expected a multiple of 8, at least " + std::to_string(sizeof(eddy_field)) +
                   "; set it to sizeof(eddy_field)");
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<const Model>> ModelCompiler::model(const eddy_model* declaration, std::size_t depth) {
  EDDY_ASSIGN(std::string name, checked_name(declaration));
  const std::string where = "model " + name;
  if (const auto known = done_.find(declaration); known != done_.end()) {
    if (depth + known->second->nesting_ > kMaxNesting) return refused(where + " " + too_deep());
    return known->second;
  }
  if (std::find(open_.begin(), open_.end(), declaration) != open_.end()) {
    return refused(where +
                   " contains itself: expected a model that ends, found one that goes on for ever; refer to the other "
                   "record by its key instead");
  }
  std::shared_ptr<Model> made(new Model);
  made->name_ = std::move(name);
  open_.push_back(declaration);
  auto result = fields(*declaration, *made, depth);
  open_.pop_back();
  if (!result) return in_context(where, result.take_error());
  made->finish();
  if (made->signature_.size() > kMaxSignature) return refused(where + " is too large once its models are put in");
  done_.emplace(declaration, made);
  return std::shared_ptr<const Model>(std::move(made));
}

Result<void> ModelCompiler::fields(const eddy_model& declaration, Model& model, std::size_t depth) {
  EDDY_TRY(check_field_array(declaration));
  std::unordered_set<std::string_view> names;
  model.fields_.reserve(declaration.field_count);  // so that `names` may borrow
  for (std::uint32_t i = 0; i < declaration.field_count; ++i) {
    EDDY_ASSIGN(ModelField made, field(declaration, i, depth));
    model.fields_.push_back(std::move(made));
    const std::string& name = model.fields_.back().name;
    if (!names.insert(name).second) return refused("field " + name + " is declared twice");
  }
  return {};
}

Result<ModelField> ModelCompiler::field(const eddy_model& declaration, std::uint32_t index, std::size_t depth) {
  const auto* at = reinterpret_cast<const char*>(declaration.fields) + std::size_t{index} * declaration.field_stride;
  const auto* declared = reinterpret_cast<const eddy_field*>(at);
  const std::string number = "field " + std::to_string(index + 1);
  if (!EDDY_HAS(declared, type) || declared->struct_size > declaration.field_stride) {
    return refused(number + ": struct_size is " + std::to_string(declared->struct_size) + ", expected " +
                   std::to_string(sizeof(eddy_field)) + " to " + std::to_string(declaration.field_stride));
  }
  if (!is_name(declared->name)) return refused(number + " has no name, or one that is not UTF-8");
  ModelField made;
  made.name = to_view(declared->name);
  made.key = (declared->flags & EDDY_FIELD_KEY) != 0;
  made.unique = (declared->flags & EDDY_FIELD_UNIQUE) != 0;
  auto made_type = type(declared->type, depth + 1);
  if (!made_type) return in_context("field " + made.name, made_type.take_error());
  made.type = *std::move(made_type);
  return made;
}

Result<ModelType> ModelCompiler::type(const eddy_type* declaration, std::size_t depth) {
  if (declaration == nullptr) return refused("the type is missing (a null pointer)");
  if (!EDDY_HAS(declaration, kind)) return refused("the type's struct_size is too small; set it to sizeof(eddy_type)");
  if (depth > kMaxNesting) return refused(too_deep());
  const std::uint32_t kind = declaration->kind;
  if (kind < EDDY_TYPE_BOOL || kind > EDDY_TYPE_MAP) {
    return refused("type kind " + std::to_string(kind) + " is not known to this host, expected " +
                   std::to_string(EDDY_TYPE_BOOL) + " to " + std::to_string(EDDY_TYPE_MAP));
  }
  if (has_element(kind)) return with_element(*declaration, depth);
  if (kind == EDDY_TYPE_ENUM) return with_symbols(*declaration);
  ModelType made;
  made.kind = kind;
  if (kind == EDDY_TYPE_MODEL) {
    if (!EDDY_HAS(declaration, model)) return refused("the type has no room for its model (struct_size)");
    EDDY_ASSIGN(made.model, model(declaration->model, depth));
  }
  return made;
}

Result<ModelType> ModelCompiler::with_element(const eddy_type& declaration, std::size_t depth) {
  if (!EDDY_HAS(&declaration, element) || declaration.element == nullptr) {
    return refused("an optional, list or map has no element type");
  }
  EDDY_ASSIGN(ModelType element, type(declaration.element, depth + 1));
  if (declaration.kind == EDDY_TYPE_OPTIONAL && element.kind == EDDY_TYPE_OPTIONAL) {
    return refused("an optional of an optional; JSON has only one null, use one optional");
  }
  ModelType made;
  made.kind = declaration.kind;
  made.element = std::make_unique<ModelType>(std::move(element));
  return made;
}

Result<ModelType> ModelCompiler::with_symbols(const eddy_type& declaration) {
  if (!EDDY_HAS(&declaration, symbol_count) || declaration.symbols == nullptr || declaration.symbol_count == 0) {
    return refused("an enum has no symbols");
  }
  if (declaration.symbol_count > kMaxSymbols) {
    return refused("an enum has " + std::to_string(declaration.symbol_count) + " symbols, expected at most " +
                   std::to_string(kMaxSymbols));
  }
  ModelType made;
  made.kind = EDDY_TYPE_ENUM;
  std::unordered_set<std::string_view> seen;
  for (std::uint64_t i = 0; i < declaration.symbol_count; ++i) {
    const eddy_str symbol = declaration.symbols[i];
    if (symbol.data == nullptr || !is_utf8(to_view(symbol))) {
      return refused("enum symbol " + std::to_string(i + 1) + " is missing or not UTF-8");
    }
    if (!seen.insert(to_view(symbol)).second) {
      return refused("enum symbol " + std::string(to_view(symbol)) + " is declared twice");
    }
    made.symbols.emplace_back(to_view(symbol));
  }
  return made;
}

Result<std::shared_ptr<const Model>> Model::compile(const eddy_model* declaration) {
  return ModelCompiler().model(declaration, 0);
}

}  // namespace eddy::host
