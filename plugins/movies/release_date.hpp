// SPDX-License-Identifier: Apache-2.0
// The dates of the films: "Jun 12 1998".
#pragma once

#include <chrono>
#include <string>
#include <string_view>

// Throws std::invalid_argument when the text is not such a date.
std::chrono::year_month_day parse_release_date(std::string_view text);

std::string to_iso(std::chrono::year_month_day date);           // "1998-06-12"
std::string to_release_text(std::chrono::year_month_day date);  // "Jun 12 1998"
