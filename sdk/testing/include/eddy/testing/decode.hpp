// SPDX-License-Identifier: Apache-2.0
// JSON text to a row of a model, after the host's rules: the first field that does not fit is told of by its JSON
// pointer, what was expected and what was found.
#pragma once

#include <cfloat>
#include <cmath>
#include <cstdint>
#include <deque>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "eddy/abi.h"
#include "eddy/host.hpp"
#include "eddy/testing/words.hpp"

namespace eddy::testing::inner {

// Rows and their texts live as long as the decoder.
class RowDecoder {
 public:
  using Json = nlohmann::json;

  // NULL: error_type() and message() say why.
  const eddy_value* decode(const eddy_model& model, std::string_view text) {
    try {
      documents_.push_back(Json::parse(text));
    } catch (const Json::parse_error& error) {
      return refuse("ParseError", "expected JSON, found other text at byte " + std::to_string(error.byte));
    } catch (const Json::exception& error) {
      return refuse("ParseError", std::string("expected JSON, found: ") + error.what());
    }
    const Json& document = documents_.back();
    try {
      if (!document.is_object()) throw Misfit{"", "an object", found_text(&document)};
      return row(model, document);
    } catch (const Misfit& misfit) {
      return refuse("ValidationError", misfit.message());
    }
  }

  const std::string& error_type() const { return error_type_; }
  const std::string& message() const { return message_; }

 private:
  const eddy_value* refuse(std::string type, std::string message) {
    error_type_ = std::move(type);
    message_ = std::move(message);
    return nullptr;
  }

  eddy_value* values(std::size_t count) { return rows_.emplace_back(count).data(); }

  const eddy_value* row(const eddy_model& model, const Json& object) {
    eddy_value* row = values(model.field_count);
    for (std::uint32_t i = 0; i < model.field_count; ++i) {
      const eddy_field& field = field_of(model, i);
      const auto found = object.find(std::string(eddy::detail::to_view(field.name)));
      try {
        row[i] = value(*field.type, found == object.end() ? nullptr : &*found);
      } catch (Misfit& misfit) {
        misfit.below(eddy::detail::to_view(field.name));
        throw;
      }
    }
    return row;
  }

  // `json` is NULL for a field that is not there.
  eddy_value value(const eddy_type& type, const Json* json) {
    eddy_value result{EDDY_VALUE_ABSENT, 0, {}};
    if (type.kind == EDDY_TYPE_OPTIONAL) {
      return json == nullptr || json->is_null() ? result : value(*type.element, json);
    }
    const bool fits = json != nullptr && fill(type, *json, result);
    if (!fits) throw Misfit{"", expected_text(type), found_text(json)};
    return result;
  }

  bool fill(const eddy_type& type, const Json& json, eddy_value& out) {
    switch (type.kind) {
      case EDDY_TYPE_BOOL:
        out.kind = EDDY_VALUE_BOOL;
        out.as.u64 = json.is_boolean() && json.get<bool>() ? 1 : 0;
        return json.is_boolean();
      case EDDY_TYPE_F32:
      case EDDY_TYPE_F64:
        return fill_floating(type.kind == EDDY_TYPE_F32, json, out);
      case EDDY_TYPE_STRING:
        return json.is_string() && fill_text(EDDY_VALUE_STRING, json.get_ref<const std::string&>(), out);
      case EDDY_TYPE_JSON:
        return fill_text(EDDY_VALUE_JSON, texts_.emplace_back(json.dump()), out);
      case EDDY_TYPE_TIMESTAMP:
        out.kind = EDDY_VALUE_TIMESTAMP;
        return read_time(json, out.as.i64);
      case EDDY_TYPE_ENUM:
        return json.is_string() && fill_symbol(type, json.get_ref<const std::string&>(), out);
      case EDDY_TYPE_MODEL:
        if (!json.is_object()) return false;
        out = {EDDY_VALUE_ROW, type.model->field_count, {}};
        out.as.values = row(*type.model, json);
        return true;
      case EDDY_TYPE_LIST:
        return json.is_array() && fill_list(type, json, out);
      case EDDY_TYPE_MAP:
        return json.is_object() && fill_map(type, json, out);
      default:
        return fill_integer(type.kind, json, out);
    }
  }

  static bool fill_floating(bool narrow, const Json& json, eddy_value& out) {
    if (!json.is_number()) return false;
    out.kind = EDDY_VALUE_F64;
    out.as.f64 = json.get<double>();
    if (!narrow) return true;
    if (std::fabs(out.as.f64) > double{FLT_MAX}) return false;
    out.as.f64 = static_cast<float>(out.as.f64);
    return true;
  }

  static bool fill_integer(std::uint32_t kind, const Json& json, eddy_value& out) {
    if (!json.is_number_integer()) return false;
    const bool is_signed = kind <= EDDY_TYPE_I64;
    const unsigned unused = 64 - (8U << (kind - (is_signed ? EDDY_TYPE_I8 : EDDY_TYPE_U8)));
    const bool negative = !json.is_number_unsigned();
    if (!is_signed) {
      out.kind = EDDY_VALUE_U64;
      out.as.u64 = json.get<std::uint64_t>();
      return !negative && out.as.u64 <= std::numeric_limits<std::uint64_t>::max() >> unused;
    }
    const std::int64_t max = std::numeric_limits<std::int64_t>::max() >> unused;
    if (!negative && json.get<std::uint64_t>() > static_cast<std::uint64_t>(max)) return false;
    out.kind = EDDY_VALUE_I64;
    out.as.i64 = json.get<std::int64_t>();
    return out.as.i64 >= -max - 1;
  }

  static bool fill_text(std::uint32_t kind, const std::string& text, eddy_value& out) {
    out = {kind, static_cast<std::uint32_t>(text.size()), {}};
    out.as.text = text.data();
    return true;
  }

  static bool fill_symbol(const eddy_type& type, const std::string& text, eddy_value& out) {
    out.kind = EDDY_VALUE_ENUM;
    for (out.as.u64 = 0; out.as.u64 < type.symbol_count; ++out.as.u64) {
      if (eddy::detail::to_view(type.symbols[out.as.u64]) == text) return true;
    }
    return false;
  }

  bool fill_list(const eddy_type& type, const Json& json, eddy_value& out) {
    eddy_value* items = values(json.size());
    for (std::size_t i = 0; i < json.size(); ++i) element(type, json[i], std::to_string(i), items[i]);
    out = {EDDY_VALUE_LIST, static_cast<std::uint32_t>(json.size()), {}};
    out.as.values = items;
    return true;
  }

  bool fill_map(const eddy_type& type, const Json& json, eddy_value& out) {
    eddy_value* entries = values(2 * json.size());
    out = {EDDY_VALUE_MAP, static_cast<std::uint32_t>(json.size()), {}};
    out.as.values = entries;
    for (const auto& [name, item] : json.items()) {
      fill_text(EDDY_VALUE_STRING, texts_.emplace_back(name), entries[0]);
      element(type, item, name, entries[1]);
      entries += 2;
    }
    return true;
  }

  void element(const eddy_type& type, const Json& json, std::string_view name, eddy_value& out) {
    try {
      out = value(*type.element, &json);
    } catch (Misfit& misfit) {
      misfit.below(name);
      throw;
    }
  }

  std::deque<Json> documents_;
  std::deque<std::vector<eddy_value>> rows_;
  std::deque<std::string> texts_;
  std::string error_type_;
  std::string message_;
};

}  // namespace eddy::testing::inner
