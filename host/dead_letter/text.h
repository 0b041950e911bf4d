// SPDX-License-Identifier: Apache-2.0
// Small text tools of the letter formats.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace eddy::host {

// Longest prefix of `text` that takes at most `room` bytes as the inside of a JSON string. Never splits a UTF-8
// sequence.
std::string_view fit_json(std::string_view text, std::size_t room);

// `text` itself when it is UTF-8, else a repaired copy in `scratch` (U+FFFD for what is not).
std::string_view as_utf8(std::string_view text, std::string& scratch);

void append_hex(std::string& out, std::string_view bytes);

void append_integer(std::string& out, std::integral auto value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, end.ptr);
}

// The whole of `text` as a decimal integer.
template <std::integral T>
std::optional<T> parse_integer(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// Appends times as append_rfc3339 does, and keeps the last second: times that follow each other share it. Not
// thread-safe.
class TimeWriter {
 public:
  void append(std::string& out, std::int64_t microseconds);

 private:
  std::int64_t second_ = INT64_MIN;
  std::string text_;
};

// A time as dead letters of any writer have it: RFC 3339, or the same without a zone (UTC). 0 when it is neither.
std::int64_t parse_time(std::string_view text);

}  // namespace eddy::host
