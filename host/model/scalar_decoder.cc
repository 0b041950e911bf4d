// SPDX-License-Identifier: Apache-2.0
// From one JSON token to one value of a scalar type.
#include <limits>

#include "base/encoding.h"
#include "model/row_decoder.h"

namespace eddy::host {
namespace {

bool put_signed(std::string_view token, std::int64_t min, std::int64_t max, eddy_value& value) {
  const auto number = JsonNumber::parse(token);
  const auto integer = number ? number->to_i64() : std::nullopt;
  if (!integer || *integer < min || *integer > max) return false;
  value.kind = EDDY_VALUE_I64;
  value.as.i64 = *integer;
  return true;
}

template <typename T>
bool put_signed(std::string_view token, eddy_value& value) {
  return put_signed(token, std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), value);
}

bool put_unsigned(std::string_view token, std::uint64_t max, eddy_value& value) {
  const auto number = JsonNumber::parse(token);
  const auto integer = number ? number->to_u64() : std::nullopt;
  if (!integer || *integer > max) return false;
  value.kind = EDDY_VALUE_U64;
  value.as.u64 = *integer;
  return true;
}

bool put_bool(std::string_view token, eddy_value& value) {
  value.kind = EDDY_VALUE_BOOL;
  value.as.u64 = token == "true" ? 1 : 0;
  return value.as.u64 == 1 || token == "false";
}

bool put_double(std::string_view token, eddy_value& value) {
  const auto number = JsonNumber::parse(token);
  const auto nearest = number ? to_double(token, *number) : std::nullopt;
  value.kind = EDDY_VALUE_F64;
  value.as.f64 = nearest.value_or(0);
  return nearest.has_value();
}

bool put_float(std::string_view token, eddy_value& value) {
  const auto nearest = to_float(token);
  value.kind = EDDY_VALUE_F64;
  value.as.f64 = nearest.value_or(0);
  return nearest.has_value();
}

bool take_text(std::string_view token, bool escapes, Arena& arena, std::string_view& text) {
  if (token.size() < 2 || token.front() != '"' || token.back() != '"') return false;
  const std::string_view content = token.substr(1, token.size() - 2);
  return decode_string(content, escapes && content.find('\\') != content.npos, arena, text);
}

bool put_timestamp(std::string_view token, bool escapes, Arena& arena, eddy_value& value) {
  std::optional<std::int64_t> us;
  std::string_view text;
  if (take_text(token, escapes, arena, text)) {
    us = from_rfc3339(text);
  } else if (const auto number = JsonNumber::parse(token)) {
    us = epoch_to_us(token, *number);
  }
  if (!us || *us < kMinTimestampUs || *us > kMaxTimestampUs) return false;
  value.kind = EDDY_VALUE_TIMESTAMP;
  value.as.i64 = *us;
  return true;
}

bool put_symbol(const ModelType& type, std::string_view text, eddy_value& value) {
  for (std::size_t i = 0; i < type.symbols.size(); ++i) {
    if (type.symbols[i] != text) continue;
    value.kind = EDDY_VALUE_ENUM;
    value.as.u64 = i;
    return true;
  }
  return false;
}

}  // namespace

bool decode_scalar(const ModelType& type, std::string_view token, bool escapes, Arena& arena, eddy_value& value) {
  value.count = 0;
  std::string_view text;
  switch (type.kind) {
    case EDDY_TYPE_BOOL:
      return put_bool(token, value);
    case EDDY_TYPE_I8:
      return put_signed<std::int8_t>(token, value);
    case EDDY_TYPE_I16:
      return put_signed<std::int16_t>(token, value);
    case EDDY_TYPE_I32:
      return put_signed<std::int32_t>(token, value);
    case EDDY_TYPE_I64:
      return put_signed<std::int64_t>(token, value);
    case EDDY_TYPE_U8:
      return put_unsigned(token, std::numeric_limits<std::uint8_t>::max(), value);
    case EDDY_TYPE_U16:
      return put_unsigned(token, std::numeric_limits<std::uint16_t>::max(), value);
    case EDDY_TYPE_U32:
      return put_unsigned(token, std::numeric_limits<std::uint32_t>::max(), value);
    case EDDY_TYPE_U64:
      return put_unsigned(token, std::numeric_limits<std::uint64_t>::max(), value);
    case EDDY_TYPE_F32:
      return put_float(token, value);
    case EDDY_TYPE_F64:
      return put_double(token, value);
    case EDDY_TYPE_TIMESTAMP:
      return put_timestamp(token, escapes, arena, value);
    case EDDY_TYPE_ENUM:
      return take_text(token, escapes, arena, text) && put_symbol(type, text, value);
    case EDDY_TYPE_STRING:
      if (!take_text(token, escapes, arena, text)) return false;
      value = {EDDY_VALUE_STRING, static_cast<std::uint32_t>(text.size()), {}};
      value.as.text = text.data();
      return true;
    default:
      return false;
  }
}

}  // namespace eddy::host
