// SPDX-License-Identifier: Apache-2.0
// A row of a model to JSON, its fields in their order.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "eddy/abi.h"
#include "eddy/testing/words.hpp"
#include "eddy/timestamp.hpp"

namespace eddy::testing::inner {

using OrderedJson = nlohmann::ordered_json;

inline OrderedJson encode_row(const eddy_model& model, const eddy_value* row);

// Thrown with the pointer of the value that cannot be written.
[[noreturn]] inline void refuse_value(std::string expected, std::string found) {
  throw Misfit{"", std::move(expected), std::move(found)};
}

// The nearest double of a float has more digits than the float: 0.1F is to be written as 0.1.
inline double shortest(float number) {
  char digits[32];
  *std::to_chars(digits, digits + sizeof digits - 1, number).ptr = '\0';
  return std::strtod(digits, nullptr);
}

inline OrderedJson encode_integer(const eddy_type& type, const eddy_value& value) {
  const bool is_signed = type.kind <= EDDY_TYPE_I64;
  const unsigned unused = 64 - (8U << (type.kind - (is_signed ? EDDY_TYPE_I8 : EDDY_TYPE_U8)));
  if (is_signed) {
    const std::int64_t max = INT64_MAX >> unused;
    if (value.as.i64 > max || value.as.i64 < -max - 1) refuse_value(expected_text(type), std::to_string(value.as.i64));
    return value.as.i64;
  }
  if (value.as.u64 > UINT64_MAX >> unused) refuse_value(expected_text(type), std::to_string(value.as.u64));
  return value.as.u64;
}

inline OrderedJson encode_value(const eddy_type& type, const eddy_value& value);

inline OrderedJson encode_element(const eddy_type& type, const eddy_value& value, std::string_view name) {
  try {
    return encode_value(type, value);
  } catch (Misfit& misfit) {
    misfit.below(name);
    throw;
  }
}

inline OrderedJson encode_values(const eddy_type& type, const eddy_value& value) {
  const bool is_map = type.kind == EDDY_TYPE_MAP;
  OrderedJson result = is_map ? OrderedJson::object() : OrderedJson::array();
  for (std::uint32_t i = 0; i < value.count; ++i) {
    if (is_map) {
      const eddy_value* entry = value.as.values + 2 * std::size_t{i};
      const std::string name(entry->as.text, entry->count);
      result[name] = encode_element(*type.element, entry[1], name);
    } else {
      result.push_back(encode_element(*type.element, value.as.values[i], std::to_string(i)));
    }
  }
  return result;
}

inline OrderedJson encode_value(const eddy_type& type, const eddy_value& value) {
  switch (type.kind) {
    case EDDY_TYPE_OPTIONAL:
      return value.kind == EDDY_VALUE_ABSENT ? OrderedJson() : encode_value(*type.element, value);
    case EDDY_TYPE_BOOL:
      return value.as.u64 != 0;
    case EDDY_TYPE_F32:
    case EDDY_TYPE_F64:
      if (!std::isfinite(value.as.f64)) refuse_value("a finite number", std::to_string(value.as.f64));
      return type.kind == EDDY_TYPE_F32 ? shortest(static_cast<float>(value.as.f64)) : value.as.f64;
    case EDDY_TYPE_STRING:
      return std::string(value.as.text, value.count);
    case EDDY_TYPE_JSON:
      return OrderedJson::parse(value.as.text, value.as.text + value.count);
    case EDDY_TYPE_TIMESTAMP:
      if (value.as.i64 < kMinTime || value.as.i64 > kMaxTime) {
        refuse_value("a time in the years 0000 to 9999", std::to_string(value.as.i64) + " microseconds since 1970");
      }
      return Timestamp(value.as.i64).to_string();
    case EDDY_TYPE_ENUM:
      if (value.as.u64 >= type.symbol_count) {
        refuse_value("an enum index below " + std::to_string(type.symbol_count), std::to_string(value.as.u64));
      }
      return std::string(eddy::detail::to_view(type.symbols[value.as.u64]));
    case EDDY_TYPE_MODEL:
      return encode_row(*type.model, value.as.values);
    case EDDY_TYPE_LIST:
    case EDDY_TYPE_MAP:
      return encode_values(type, value);
    default:
      return encode_integer(type, value);
  }
}

inline OrderedJson encode_row(const eddy_model& model, const eddy_value* row) {
  OrderedJson result = OrderedJson::object();
  for (std::uint32_t i = 0; i < model.field_count; ++i) {
    const eddy_field& field = field_of(model, i);
    const std::string_view name = eddy::detail::to_view(field.name);
    result[std::string(name)] = encode_element(*field.type, row[i], name);
  }
  return result;
}

// The row as text; throws std::invalid_argument for what no JSON can say.
inline std::string encode_text(const eddy_model& model, const eddy_value* row) {
  try {
    return encode_row(model, row).dump();
  } catch (const Misfit& misfit) {
    throw std::invalid_argument(misfit.message());
  } catch (const OrderedJson::exception&) {
    throw std::invalid_argument("expected a string in UTF-8 or JSON text, found other bytes");
  }
}

}  // namespace eddy::testing::inner
