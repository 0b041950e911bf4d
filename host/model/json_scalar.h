// SPDX-License-Identifier: Apache-2.0
// The scalars of JSON: numbers, strings and their escapes. All work on one token and never read past it.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace eddy::host {

constexpr bool is_json_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// A number token, taken apart. Its value is (-1)^negative * digits * 10^exponent, if `exact`.
struct JsonNumber {
  std::uint64_t digits = 0;
  std::int64_t exponent = 0;
  bool negative = false;
  bool integral = true;  // neither fraction nor exponent, as written
  bool exact = true;     // all digits are in `digits`

  // None unless the token is a JSON number.
  static std::optional<JsonNumber> parse(std::string_view token);

  // None: a fraction, an exponent, or out of range.
  std::optional<std::int64_t> to_i64() const {
    constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
    if (!integral || !exact || digits > kMax + (negative ? 1 : 0)) return std::nullopt;
    return static_cast<std::int64_t>(negative ? 0 - digits : digits);
  }
  std::optional<std::uint64_t> to_u64() const {
    if (!integral || !exact || (negative && digits != 0)) return std::nullopt;
    return digits;
  }
};

// Nearest value, ties to even; numbers too small become zero with their sign. None: too large. `token` must be a
// number.
std::optional<double> to_double(std::string_view token, const JsonNumber& number);
std::optional<float> to_float(std::string_view token);

// The shortest text that reads back equal: 0.1, 1.0, 1e+300. `value` must be finite; room for kMaxNumberSize + 2
// characters. Returns their end.
constexpr std::size_t kMaxNumberSize = 32;
char* write_double(char* out, double value);
char* write_float(char* out, float value);

// Microseconds from epoch seconds, to the nearest. None: outside the years 0000 to 9999.
std::optional<std::int64_t> epoch_to_us(std::string_view token, const JsonNumber& number);
constexpr std::int64_t kMinTimestampUs = -62'167'219'200'000'000;  // 0000-01-01T00:00:00Z
constexpr std::int64_t kMaxTimestampUs = 253'402'300'799'999'999;  // 9999-12-31T23:59:59.999999Z

// True when every escape in the content of a string is one of RFC 8259, surrogates being paired: a text with half a
// pair denotes no Unicode text, and most readers refuse it.
bool check_escapes(std::string_view content);
// Writes the content without its escapes to `out` (room for content.size() bytes). None as check_escapes().
std::optional<std::string_view> unescape(std::string_view content, char* out);

}  // namespace eddy::host
