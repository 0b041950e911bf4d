// SPDX-License-Identifier: Apache-2.0
#include "release_date.hpp"

#include <charconv>
#include <cstdio>
#include <stdexcept>

namespace {

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";

// The number that is all of `text`, or -1.
int number(std::string_view text) {
  int value = -1;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && stop == text.data() + text.size() ? value : -1;
}

}  // namespace

std::chrono::year_month_day parse_release_date(std::string_view text) {
  const bool shaped = text.size() == 11 && text[3] == ' ' && text[6] == ' ';
  const std::size_t month = shaped ? kMonths.find(text.substr(0, 3)) : std::string_view::npos;
  const int day = shaped ? number(text.substr(4, 2)) : -1;
  const int year = shaped ? number(text.substr(7)) : -1;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month / 3 + 1)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (month == std::string_view::npos || month % 3 != 0 || day < 0 || year < 0 || !date.ok()) {
    throw std::invalid_argument("Release Date: expected a date like \"Jun 12 1998\", found \"" + std::string(text) +
                                "\"");
  }
  return date;
}

std::string to_iso(std::chrono::year_month_day date) {
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()));
  return text;
}

std::string to_release_text(std::chrono::year_month_day date) {
  const std::string month(kMonths.substr(3 * (static_cast<unsigned>(date.month()) - 1), 3));
  char text[32];
  std::snprintf(text, sizeof text, "%s %02u %04d", month.c_str(), static_cast<unsigned>(date.day()),
                static_cast<int>(date.year()));
  return text;
}
