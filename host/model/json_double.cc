// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cmath>
#include <cstring>

#include "model/json_scalar.h"

namespace eddy::host {
namespace {

constexpr double kFewDigits = 1e15;  // below it no two decimals of as many digits share a double

char* put_decimal(char* out, std::uint64_t whole, std::uint64_t scale) {
  out = std::to_chars(out, out + 20, whole / scale).ptr;
  *out++ = '.';
  std::uint64_t rest = whole % scale;
  if (scale == 1) *out++ = '0';
  for (scale /= 10; scale > 0; scale /= 10) {
    *out++ = static_cast<char>('0' + rest / scale);
    rest %= scale;
  }
  return out;
}

// Prices, ratings, measures: a decimal of at most three places, if that is what the double was read from. It is then
// the shortest text, as every other with up to 15 digits is another double. Null: something else.
char* put_short(char* out, double value) {
  const double magnitude = std::fabs(value);
  for (std::uint64_t scale = 1; scale <= 1000; scale *= 10) {
    const auto factor = static_cast<double>(scale);
    const double scaled = magnitude * factor;
    if (!(scaled < kFewDigits)) return nullptr;
    const auto whole = static_cast<std::uint64_t>(scaled + 0.5);
    if (static_cast<double>(whole) / factor != magnitude) continue;  // both exact: the nearest double of the decimal
    if (std::signbit(value)) *out++ = '-';
    return put_decimal(out, whole, scale);
  }
  return nullptr;
}

// A mark of its kind, so that readers which tell integers from floating numbers see one type in every record.
char* marked(char* begin, char* end) {
  for (const char* at = begin; at < end; ++at) {
    if (*at == '.' || *at == 'e') return end;
  }
  std::memcpy(end, ".0", 2);
  return end + 2;
}

}  // namespace

char* write_double(char* out, double value) {
  char* end = put_short(out, value);
  return end != nullptr ? end : marked(out, std::to_chars(out, out + kMaxNumberSize, value).ptr);
}

char* write_float(char* out, float value) { return marked(out, std::to_chars(out, out + kMaxNumberSize, value).ptr); }

}  // namespace eddy::host
