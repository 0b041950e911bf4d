// SPDX-License-Identifier: Apache-2.0
#include "runtime/repro/function_config.h"

#include <nlohmann/json.hpp>

#include "settings/fields.h"

namespace eddy::host {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Field& field, const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    return field.kind == Kind::kMapping ? Json::parse(*text) : Json(*text);
  }
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) return *texts;
  return nullptr;
}

// "a.b" of an object.
Json& member(Json& object, std::string_view path) {
  Json* at = &object;
  for (std::size_t dot = 0; (dot = path.find('.')) != std::string_view::npos; path.remove_prefix(dot + 1)) {
    at = &(*at)[std::string(path.substr(0, dot))];
  }
  return (*at)[std::string(path)];
}

// A `$` of a value would begin a variable.
void escape(Json& json) {
  if (json.is_string()) {
    auto& text = json.get_ref<std::string&>();
    for (std::size_t at = 0; (at = text.find("${", at)) != std::string::npos; at += 3) text.insert(at, "$");
  }
  if (json.is_structured()) {
    for (auto& inner : json) escape(inner);
  }
}

}  // namespace

std::string function_config(const Settings& settings, const std::string& function) {
  FunctionSettings own = settings.function(function), defaults;
  Json section = Json::object();
  for (const Field& field : fields(Scope::kFunction)) {
    if (field.load == nullptr) continue;
    const Value value = field.load(field, {.function = &own});
    if (value != field.load(field, {.function = &defaults})) member(section, field.path) = json_of(field, value);
  }
  escape(section);
  const Json whole{{"data_dir", "./data"}, {"functions", {{function, std::move(section)}}}};
  return whole.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace eddy::host
