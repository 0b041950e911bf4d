// SPDX-License-Identifier: Apache-2.0
// A point in time, in microseconds since 1970-01-01T00:00:00Z.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>

#include "eddy/host.hpp"

namespace eddy {

struct Timestamp {
  std::int64_t microseconds = 0;

  constexpr Timestamp() = default;
  constexpr explicit Timestamp(std::int64_t us) : microseconds(us) {}
  constexpr Timestamp(std::chrono::system_clock::time_point time)
      : microseconds(std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count()) {}

  constexpr operator std::chrono::system_clock::time_point() const {
    return std::chrono::system_clock::time_point(
        std::chrono::duration_cast<std::chrono::system_clock::duration>(std::chrono::microseconds(microseconds)));
  }

  friend constexpr auto operator<=>(const Timestamp&, const Timestamp&) = default;
  friend constexpr bool operator==(const Timestamp&, const Timestamp&) = default;
  friend constexpr Timestamp operator+(Timestamp time, std::chrono::microseconds by) {
    return Timestamp(time.microseconds + by.count());
  }
  friend constexpr Timestamp operator-(Timestamp time, std::chrono::microseconds by) {
    return Timestamp(time.microseconds - by.count());
  }
  friend constexpr std::chrono::microseconds operator-(Timestamp a, Timestamp b) {
    return std::chrono::microseconds(a.microseconds - b.microseconds);
  }

  // RFC 3339 in UTC with microseconds: "2024-05-01T12:00:00.000000Z".
  std::string to_string() const;
};

// The host's wall clock.
inline Timestamp now() { return Timestamp(detail::plugin_host->now_us()); }

namespace detail {

inline void append_digits(std::string& out, std::int64_t value, int width) {
  char digits[20];
  for (int i = width - 1; i >= 0; --i, value /= 10) digits[i] = static_cast<char>('0' + value % 10);
  out.append(digits, static_cast<std::size_t>(width));
}

}  // namespace detail

inline std::string Timestamp::to_string() const {
  using std::chrono::floor;
  const std::chrono::microseconds since{microseconds};
  const auto days = floor<std::chrono::days>(since);
  const std::chrono::year_month_day date{std::chrono::sys_days(days)};
  const std::int64_t in_day = (since - days).count();
  const int year = static_cast<int>(date.year());
  std::string text;
  if (year < 0) text += '-';
  detail::append_digits(text, year < 0 ? -year : year, year > 9999 || year < -9999 ? 6 : 4);
  text += '-';
  detail::append_digits(text, static_cast<unsigned>(date.month()), 2);
  text += '-';
  detail::append_digits(text, static_cast<unsigned>(date.day()), 2);
  text += 'T';
  detail::append_digits(text, in_day / 3'600'000'000, 2);
  text += ':';
  detail::append_digits(text, in_day / 60'000'000 % 60, 2);
  text += ':';
  detail::append_digits(text, in_day / 1'000'000 % 60, 2);
  text += '.';
  detail::append_digits(text, in_day % 1'000'000, 6);
  text += 'Z';
  return text;
}

}  // namespace eddy
