// SPDX-License-Identifier: Apache-2.0
#include "plugin/declared_models.h"

#include <limits>
#include <nlohmann/json.hpp>

namespace eddy::host {
namespace {

using Json = nlohmann::json;

constexpr int kDeepest = 64;  // more than any model that is accepted

std::uint32_t flag_in(const Json& object, const char* member, std::uint32_t flag) {
  return member_of(object, member) == Json(true) ? flag : 0;
}

}  // namespace

const Json& member_of(const Json& object, const char* member) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto found = object.find(member);
  return found != object.end() ? *found : none;
}

const Json& list_in(const Json& object, const char* member) {
  static const Json none = Json::array();
  const Json& found = member_of(object, member);
  return found.is_array() ? found : none;
}

std::uint32_t number_in(const Json& object, const char* member) {
  const Json& number = member_of(object, member);
  if (!number.is_number_unsigned()) return 0;
  const auto value = number.get<std::uint64_t>();
  return value <= std::numeric_limits<std::uint32_t>::max() ? static_cast<std::uint32_t>(value) : 0;
}

DeclaredModels::DeclaredModels(const Json& list) {
  for (const Json& from : list) {
    std::vector<eddy_field>& fields = fields_.emplace_back();
    for (const Json& field : list_in(from, "fields")) {
      eddy_field declared{};
      declared.struct_size = sizeof declared;
      declared.flags |= flag_in(field, "key", EDDY_FIELD_KEY) | flag_in(field, "unique", EDDY_FIELD_UNIQUE);
      declared.name = text(field, "name");
      declared.type = type(member_of(field, "type"), 0);
      fields.push_back(declared);
    }
    eddy_model declared{};
    declared.struct_size = sizeof declared;
    declared.field_count = static_cast<std::uint32_t>(fields.size());
    declared.field_stride = sizeof(eddy_field);
    declared.name = text(from, "name");
    declared.fields = fields.data();
    models_.push_back(declared);  // after those it refers to, so that none contains itself
  }
}

const eddy_model* DeclaredModels::at(const Json& place) const {
  if (!place.is_number_unsigned()) return nullptr;
  const auto index = place.get<std::uint64_t>();
  return index < models_.size() ? &models_[index] : nullptr;
}

const eddy_type* DeclaredModels::type(const Json& json, int depth) {
  if (!json.is_object() || depth > kDeepest) return nullptr;
  eddy_type declared{};
  declared.struct_size = sizeof declared;
  declared.kind = number_in(json, "kind");
  declared.element = type(member_of(json, "element"), depth + 1);
  declared.model = at(member_of(json, "model"));
  std::vector<eddy_str>& symbols = symbols_.emplace_back();
  for (const Json& symbol : list_in(json, "symbols")) symbols.push_back(keep(symbol));
  declared.symbols = symbols.data();
  declared.symbol_count = symbols.size();
  return &types_.emplace_back(declared);
}

eddy_str DeclaredModels::text(const Json& object, const char* member) { return keep(member_of(object, member)); }

eddy_str DeclaredModels::keep(const Json& text) {
  if (!text.is_string() || text.get_ref<const std::string&>().empty()) return {nullptr, 0};
  const std::string& kept = texts_.emplace_back(text.get_ref<const std::string&>());
  return {kept.data(), kept.size()};
}

}  // namespace eddy::host
