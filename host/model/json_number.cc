// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cmath>

#include "model/json_scalar.h"

namespace eddy::host {
namespace {

constexpr std::size_t kSafeDigits = 19;  // always fit 64 bits

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Adds a run of digits; wraps around past 19 of them. Returns how many there were.
std::size_t take_digits(const char*& at, const char* end, std::uint64_t& digits) {
  const char* begin = at;
  for (; at < end && is_digit(*at); ++at) digits = digits * 10 + static_cast<std::uint64_t>(*at - '0');
  return static_cast<std::size_t>(at - begin);
}

// The same for the whole token, with an eye on overflow; false when the digits do not fit.
bool exact_digits(std::string_view token, std::uint64_t& digits) {
  digits = 0;
  for (const char c : token) {
    if (c == 'e' || c == 'E') break;
    if (!is_digit(c)) continue;
    if (__builtin_mul_overflow(digits, 10u, &digits)) return false;
    if (__builtin_add_overflow(digits, static_cast<std::uint64_t>(c - '0'), &digits)) return false;
  }
  return true;
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

// Fraction and exponent, up to the end of the token.
bool take_rest(const char*& at, const char* end, JsonNumber& number, std::size_t& count) {
  if (*at == '.') {
    const std::size_t fraction = take_digits(++at, end, number.digits);
    if (fraction == 0) return false;
    number.exponent -= static_cast<std::int64_t>(fraction);
    count += fraction;
  }
  if (at < end && (*at == 'e' || *at == 'E') && !take_exponent(++at, end, number.exponent)) return false;
  return at == end;
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
  std::size_t count = take_digits(at, end, number.digits);
  if (count == 0 || (*first == '0' && count > 1)) return std::nullopt;
  if (at != end) {
    number.integral = false;
    if (!take_rest(at, end, number, count)) return std::nullopt;
  }
  if (count > kSafeDigits) number.exact = exact_digits(token, number.digits);
  return number;
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
