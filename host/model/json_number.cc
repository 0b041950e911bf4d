// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cmath>
#include <limits>

#include "model/json_scalar.h"

namespace eddy::host {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Adds a run of digits to the number; false when there is none.
bool take_digits(const char*& at, const char* end, JsonNumber& number) {
  const char* begin = at;
  for (; at < end && is_digit(*at); ++at) {
    const auto digit = static_cast<std::uint64_t>(*at - '0');
    // Once a digit does not fit, none may: the value would be another.
    number.exact = number.exact && !__builtin_mul_overflow(number.digits, 10u, &number.digits) &&
                   !__builtin_add_overflow(number.digits, digit, &number.digits);
  }
  return at != begin;
}

bool take_exponent(const char*& at, const char* end, std::int64_t& exponent) {
  constexpr std::int64_t kFar = 1'000'000'000'000;  // far beyond any double, far from overflow
  const bool negative = at < end && *at == '-';
  if (at < end && (*at == '-' || *at == '+')) ++at;
  const char* begin = at;
  std::int64_t value = 0;
  for (; at < end && is_digit(*at); ++at) {
    if (value < kFar) value = value * 10 + (*at - '0');
  }
  exponent += negative ? -value : value;
  return at != begin;
}

// Powers of ten that a double holds exactly.
constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                              1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::uint64_t kExactDigits = std::uint64_t{1} << 53;

std::uint64_t power_of_ten(std::int64_t exponent) {
  std::uint64_t power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

// True when a number that std::from_chars found out of range is too small rather than too large.
bool underflows(std::string_view token, const JsonNumber& number) {
  // `exponent` belongs to the last digit; the first digit that is not zero decides.
  std::int64_t first = number.exponent;
  bool leading = true;
  for (const char c : token) {
    if (c == 'e' || c == 'E') break;
    if (!is_digit(c)) continue;
    if (leading && c == '0') continue;
    if (!leading) ++first;
    leading = false;
  }
  return first < 0;
}

template <typename Float>
std::optional<Float> from_token(std::string_view token, const JsonNumber& number) {
  if (number.exact && number.digits == 0) return number.negative ? Float{-0.0} : Float{0};
  Float value = 0;
  const auto result = std::from_chars(token.data(), token.data() + token.size(), value);
  if (result.ec == std::errc()) return std::isfinite(value) ? std::optional(value) : std::nullopt;
  if (!underflows(token, number)) return std::nullopt;
  return number.negative ? Float{-0.0} : Float{0};
}

}  // namespace

std::optional<JsonNumber> JsonNumber::parse(std::string_view token) {
  JsonNumber number;
  const char* at = token.data();
  const char* end = at + token.size();
  if (at < end && *at == '-') {
    number.negative = true;
    ++at;
  }
  const char* first = at;
  if (!take_digits(at, end, number) || (*first == '0' && at - first > 1)) return std::nullopt;
  if (at < end && *at == '.') {
    number.integral = false;
    const char* fraction = ++at;
    if (!take_digits(at, end, number)) return std::nullopt;
    number.exponent -= at - fraction;
  }
  if (at < end && (*at == 'e' || *at == 'E')) {
    number.integral = false;
    if (!take_exponent(++at, end, number.exponent)) return std::nullopt;
  }
  if (at != end) return std::nullopt;
  return number;
}

std::optional<std::int64_t> JsonNumber::to_i64() const {
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (!integral || !exact || digits > kMax + (negative ? 1 : 0)) return std::nullopt;
  return static_cast<std::int64_t>(negative ? 0 - digits : digits);
}

std::optional<std::uint64_t> JsonNumber::to_u64() const {
  if (!integral || !exact || (negative && digits != 0)) return std::nullopt;
  return digits;
}

std::optional<double> to_double(std::string_view token, const JsonNumber& number) {
  // Both factors are exact, so one rounding is left, which is the right one (Clinger 1990).
  if (number.exact && number.digits <= kExactDigits && number.exponent >= -22 && number.exponent <= 22) {
    const auto digits = static_cast<double>(number.digits);
    const double value = number.exponent < 0 ? digits / kPowers[-number.exponent] : digits * kPowers[number.exponent];
    return number.negative ? -value : value;
  }
  return from_token<double>(token, number);
}

std::optional<float> to_float(std::string_view token) {
  const auto number = JsonNumber::parse(token);
  return number ? from_token<float>(token, *number) : std::nullopt;
}

std::optional<std::int64_t> epoch_to_us(std::string_view token, const JsonNumber& number) {
  std::int64_t us = 0;
  const std::int64_t power = number.exponent + 6;  // us = digits * 10^power
  if (number.exact && power >= -12 && power <= 6) {
    // In whole numbers: a double holds microseconds of today, but not of the year 9000.
    const std::uint64_t scale = power_of_ten(power < 0 ? -power : power);
    std::uint64_t magnitude = 0;
    if (power < 0) {
      magnitude = number.digits / scale + (number.digits % scale >= scale / 2 ? 1 : 0);
    } else if (__builtin_mul_overflow(number.digits, scale, &magnitude)) {
      return std::nullopt;
    }
    if (magnitude > std::uint64_t{kMaxTimestampUs}) return std::nullopt;
    us = static_cast<std::int64_t>(number.negative ? 0 - magnitude : magnitude);
  } else {
    const auto seconds = to_double(token, number);
    if (!seconds || std::fabs(*seconds) > 1e12) return std::nullopt;
    us = std::llround(*seconds * 1e6);
  }
  if (us < kMinTimestampUs || us > kMaxTimestampUs) return std::nullopt;
  return us;
}

}  // namespace eddy::host
