// SPDX-License-Identifier: Apache-2.0
#include "model/model.h"

#include <algorithm>
#include <functional>

#include "base/encoding.h"

namespace eddy::host {
namespace {

constexpr std::size_t kValueSize = 32;  // guessed for a value's JSON; a string may take more

// Names stand bare in a signature unless they hold one of its own marks.
void append_name(std::string& out, std::string_view name) {
  if (name.find_first_of("{}<>:,!#?\"\\") == std::string_view::npos) {
    out.append(name);
  } else {
    append_json_utf8(out, name);
  }
}

std::string_view scalar_text(std::uint32_t kind) {
  switch (kind) {
    case EDDY_TYPE_BOOL:
      return "bool";
    case EDDY_TYPE_I8:
      return "i8";
    case EDDY_TYPE_I16:
      return "i16";
    case EDDY_TYPE_I32:
      return "i32";
    case EDDY_TYPE_I64:
      return "i64";
    case EDDY_TYPE_U8:
      return "u8";
    case EDDY_TYPE_U16:
      return "u16";
    case EDDY_TYPE_U32:
      return "u32";
    case EDDY_TYPE_U64:
      return "u64";
    case EDDY_TYPE_F32:
      return "f32";
    case EDDY_TYPE_F64:
      return "f64";
    case EDDY_TYPE_STRING:
      return "string";
    case EDDY_TYPE_TIMESTAMP:
      return "timestamp";
    default:
      return "json";
  }
}

std::string enum_text(const std::vector<std::string>& symbols) {
  std::string text = "enum{";
  for (const std::string& symbol : symbols) {
    if (text.back() != '{') text.push_back(',');
    append_name(text, symbol);
  }
  return text + "}";
}

std::string_view flags_text(const ModelField& field) {
  if (field.unique) return field.key ? "!#" : "!";
  return field.key ? "#" : "";
}

}  // namespace

std::string ModelType::text() const {
  switch (kind) {
    case EDDY_TYPE_ENUM:
      return enum_text(symbols);
    case EDDY_TYPE_MODEL:
      return model->signature();
    case EDDY_TYPE_OPTIONAL:
      return element->text() + "?";
    case EDDY_TYPE_LIST:
      return "list<" + element->text() + ">";
    case EDDY_TYPE_MAP:
      return "map<" + element->text() + ">";
    default:
      return std::string(scalar_text(kind));
  }
}

std::size_t ModelType::nesting() const {
  if (element != nullptr) return 1 + element->nesting();
  return model != nullptr ? 1 + model->nesting() : 1;
}

void Model::finish() {
  append_name(signature_, name_);
  std::size_t slots = 2;
  while (slots < fields_.size() * 2) slots *= 2;
  slots_.assign(slots, 0);
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    ModelField& field = fields_[i];
    if (field.key && key_field_ < 0) key_field_ = static_cast<int>(i);
    nesting_ = std::max(nesting_, field.type.nesting());
    signature_.push_back(i == 0 ? '{' : ',');
    append_name(signature_, field.name);
    signature_.append(":").append(field.type.text()).append(flags_text(field));
    field.json_prefix = i == 0 ? "{" : ",";
    append_json_utf8(field.json_prefix, field.name);
    field.json_prefix.push_back(':');
    json_size_ += field.json_prefix.size() + kValueSize;
    std::size_t slot = std::hash<std::string_view>{}(field.name) & (slots - 1);
    while (slots_[slot] != 0) slot = (slot + 1) & (slots - 1);
    slots_[slot] = static_cast<std::uint16_t>(i + 1);
  }
  signature_.push_back('}');
}

int Model::find_hashed(std::string_view wire_name) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = std::hash<std::string_view>{}(wire_name)&mask; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const std::size_t index = slots_[slot] - 1u;
    if (fields_[index].name == wire_name) return static_cast<int>(index);
  }
  return -1;
}

}  // namespace eddy::host
