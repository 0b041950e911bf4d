// SPDX-License-Identifier: Apache-2.0
// The host's words for what a model expects and what a record has, and its way to read times.
#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "eddy/abi.h"
#include "eddy/host.hpp"

namespace eddy::testing::inner {

// Why a value does not fit. Thrown; the pointer grows on the way up.
struct Misfit {
  std::string pointer;
  std::string expected;
  std::string found;

  std::string message() const {
    return (pointer.empty() ? "" : pointer + ": ") + "expected " + expected + ", found " + found;
  }
  void below(std::string_view name) {
    std::string token = "/";
    for (const char c : name) token += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    pointer.insert(0, token);
  }
};

inline const eddy_field& field_of(const eddy_model& model, std::uint32_t i) {
  const char* first = reinterpret_cast<const char*>(model.fields);
  return *reinterpret_cast<const eddy_field*>(first + std::size_t{i} * model.field_stride);
}

inline std::string symbols_text(const eddy_type& type) {
  constexpr std::uint64_t kMaxShown = 10;
  std::string text = "one of ";
  for (std::uint64_t i = 0; i < type.symbol_count; ++i) {
    if (i == kMaxShown) return text + ", ... (" + std::to_string(type.symbol_count) + " in all)";
    text.append(i == 0 ? "" : ", ").append(eddy::detail::to_view(type.symbols[i]));
  }
  return text;
}

inline std::string expected_text(const eddy_type& type) {
  static constexpr const char* kWords[] = {"",
                                           "true or false",
                                           "an 8-bit integer",
                                           "a 16-bit integer",
                                           "a 32-bit integer",
                                           "a 64-bit integer",
                                           "an unsigned 8-bit integer",
                                           "an unsigned 16-bit integer",
                                           "an unsigned 32-bit integer",
                                           "an unsigned 64-bit integer",
                                           "a number in the range of a 32-bit float",
                                           "a number in the range of a double",
                                           "a string",
                                           "an RFC 3339 time or epoch seconds",
                                           "",
                                           "an object",
                                           "any JSON value",
                                           "",
                                           "an array",
                                           "an object"};
  if (type.kind == EDDY_TYPE_ENUM) return symbols_text(type);
  if (type.kind == EDDY_TYPE_OPTIONAL) return expected_text(*type.element);
  return kWords[type.kind];
}

// At most 64 bytes, never half a character.
inline std::string shortened(std::string text) {
  constexpr std::size_t kMaxShown = 64;
  if (text.size() <= kMaxShown) return text;
  std::size_t end = kMaxShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

inline std::string found_text(const nlohmann::json* json) {
  if (json == nullptr) return "nothing";
  if (json->is_object()) return "an object";
  if (json->is_array()) return "an array";
  const std::string text = json->dump();
  if (json->is_string()) return "the string \"" + shortened(text.substr(1, text.size() - 2)) + "\"";
  return (json->is_number() ? "the number " : "") + shortened(text);
}

inline constexpr std::int64_t kMinTime = -62'167'219'200'000'000;  // the years 0000 to 9999
inline constexpr std::int64_t kMaxTime = 253'402'300'799'999'999;

// Takes `count` digits and then, if not 0, the character `after`; -1 when they are not there.
inline int take_digits(std::string_view& text, std::size_t count, char after = 0) {
  int number = 0;
  if (text.size() < count) return -1;
  for (const char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return -1;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(count);
  if (after == 0) return number;
  if (text.empty() || text.front() != after) return -1;
  text.remove_prefix(1);
  return number;
}

// ".25" is 250000, rounded to a microsecond; nothing is 0; -1 when it is none.
inline std::int64_t take_fraction(std::string_view& text) {
  if (text.empty() || text.front() != '.') return 0;
  text.remove_prefix(1);
  const std::size_t digits = text.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos) return -1;
  const std::string number = "0." + std::string(text.substr(0, digits));
  text.remove_prefix(digits);
  return std::llround(std::stod(number) * 1e6);
}

// "Z" or "+02:00", in minutes east; 10000 when it is none.
inline int take_zone(std::string_view text) {
  constexpr int kNone = 10'000;
  if (text == "Z" || text == "z") return 0;
  if (text.size() != 6 || (text.front() != '+' && text.front() != '-')) return kNone;
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  const int hours = take_digits(text, 2, ':');
  const int minutes = take_digits(text, 2);
  return hours < 0 || hours > 23 || minutes < 0 || minutes > 59 ? kNone : sign * (hours * 60 + minutes);
}

inline bool read_rfc3339(std::string_view text, std::int64_t& us) {
  using namespace std::chrono;
  const int year_number = take_digits(text, 4, '-');
  const int month_number = take_digits(text, 2, '-');
  const int day_number = take_digits(text, 2);
  if (year_number < 0 || month_number < 0 || day_number < 0 || text.empty()) return false;
  if (text.front() != 'T' && text.front() != 't' && text.front() != ' ') return false;
  text.remove_prefix(1);
  const int hour = take_digits(text, 2, ':');
  const int minute = take_digits(text, 2, ':');
  const int second = take_digits(text, 2);
  const std::int64_t fraction = take_fraction(text);
  const int zone = take_zone(text);
  const year_month_day date{year{year_number}, month{static_cast<unsigned>(month_number)},
                            day{static_cast<unsigned>(day_number)}};
  if (!date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return false;
  if (fraction < 0 || zone == 10'000) return false;
  const auto whole = sys_days{date}.time_since_epoch() + hours{hour} + minutes{minute - zone} + seconds{second};
  us = duration_cast<microseconds>(whole).count() + fraction;
  return true;
}

// RFC 3339 or a number of epoch seconds.
inline bool read_time(const nlohmann::json& json, std::int64_t& us) {
  if (json.is_string()) {
    if (!read_rfc3339(json.get_ref<const std::string&>(), us)) return false;
  } else if (json.is_number() && std::fabs(json.get<double>()) <= 1e12) {
    us = json.is_number_float() ? std::llround(json.get<double>() * 1e6) : json.get<std::int64_t>() * 1'000'000;
  } else {
    return false;
  }
  return us >= kMinTime && us <= kMaxTime;
}

}  // namespace eddy::testing::inner
