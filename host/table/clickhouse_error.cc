// SPDX-License-Identifier: Apache-2.0
#include "table/clickhouse_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace eddy::host::table {
namespace {

constexpr int kThrowIf = 395;

// CANNOT_PARSE_TEXT, ..._INPUT, ..._DATE, ..._DATETIME, TYPE_MISMATCH, ARGUMENT_OUT_OF_BOUND, CANNOT_CONVERT_TYPE,
// CANNOT_PARSE_NUMBER, INCORRECT_DATA, TOO_LARGE_STRING_SIZE, ILLEGAL_DIVISION, VALUE_IS_OUT_OF_RANGE,
// CANNOT_INSERT_NULL, CANNOT_PARSE_UUID, throwIf() in a view or a default, DECIMAL_OVERFLOW, VIOLATED_CONSTRAINT,
// CANNOT_PARSE_IPV4, ..._IPV6, ..._BOOL, UNKNOWN_ELEMENT_OF_ENUM.
constexpr int kRowCodes[] = {6,   27,  38,  41,       53,  69,  70,  72,  117, 131, 153,
                             321, 349, 376, kThrowIf, 407, 469, 467, 675, 676, 691};

struct Meaning {
  int code;
  Code means;
  std::string_view advice;
};

constexpr std::string_view kChanged = "look whether somebody changed the table";
constexpr std::string_view kLogin = "look at user and password in tables.url and at the server's users";
constexpr std::string_view kSmall = "the server has too little memory, disk or time for it: it is tried again";

constexpr Meaning kMeanings[] = {
    {10, Code::kConfig, kChanged},
    {16, Code::kConfig, kChanged},
    {20, Code::kConfig, kChanged},
    {47, Code::kConfig, kChanged},
    {60, Code::kConfig, kChanged},
    {36, Code::kConfig, "the server cannot do this: look at its version (23.8 or newer) and at the table"},
    {44, Code::kConfig, "the server cannot do this: look at its version (23.8 or newer) and at the table"},
    {48, Code::kConfig, "the server cannot do this: look at its version (23.8 or newer) and at the table"},
    {62, Code::kConfig, "the server cannot do this: look at its version (23.8 or newer)"},
    {115, Code::kConfig, "look at the options in tables.url and at the server's version (23.8 or newer)"},
    {452, Code::kConfig, "look at the constraints on settings of the user of tables.url"},
    {524, Code::kConfig, "the column cannot be changed in this table: make a new table and copy the rows"},
    {81, Code::kConfig, "create the database, or name another in tables.url"},
    {192, Code::kConfig, kLogin},
    {193, Code::kConfig, kLogin},
    {194, Code::kConfig, kLogin},
    {195, Code::kConfig, kLogin},
    {516, Code::kConfig, kLogin},
    {497, Code::kConfig, "GRANT what is missing to the user of tables.url"},
    {158, Code::kUnavailable, kSmall},
    {159, Code::kUnavailable, kSmall},
    {160, Code::kUnavailable, kSmall},
    {241, Code::kUnavailable, kSmall},
    {243, Code::kUnavailable, kSmall},
    {396, Code::kUnavailable, kSmall},
    {164, Code::kUnavailable, "the server or the user of tables.url is read-only: it is tried again"},
    {242, Code::kUnavailable, "the table is read-only, look at the server's Keeper: it is tried again"},
    {252, Code::kUnavailable, "merges do not keep up: it is tried again; raise batch_ms and batch_rows of the table"},
    {40, Code::kCorrupt, "look at the server's log: a file of the database is damaged"},
    {246, Code::kCorrupt, "look at the server's log: a file of the database is damaged"},
};

std::string one_line(std::string_view text) {
  std::string line(text);
  while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.pop_back();
  std::ranges::replace(line, '\n', ' ');
  return line;
}

}  // namespace

bool refuses_row(int code) { return std::ranges::find(kRowCodes, code) != std::end(kRowCodes); }

std::size_t refused_row(std::string_view message) {
  constexpr std::string_view kBefore = "at row ";
  const std::size_t at = message.find(kBefore);
  std::size_t row = 0;
  if (at != message.npos) std::from_chars(message.data() + at + kBefore.size(), message.data() + message.size(), row);
  return row;
}

std::string_view broken_condition(const ClickHouseFailure& failure) {
  constexpr std::string_view kBefore = "eddy: ";
  std::string_view text = failure.message;
  if (failure.code != kThrowIf || !text.starts_with(kBefore)) return {};
  text.remove_prefix(kBefore.size());
  return text.substr(0, text.find(':'));
}

Error to_error(const ClickHouseFailure& failure, std::string_view where, std::string_view doing) {
  if (failure.code == 0) {
    return {Code::kUnavailable, fmt::format("{}: {}: {}; it is tried again", where, doing, failure.message)};
  }
  const auto* found = std::ranges::find(kMeanings, failure.code, &Meaning::code);
  const bool known = found != std::end(kMeanings);
  return {known ? found->means : Code::kUnavailable,
          fmt::format("{}: {}: {} (code {}); {}", where, doing, failure.message, failure.code,
                      known ? found->advice : "look at the server's log")};
}

// "Code: 60. DB::Exception: Table shop.x does not exist. (UNKNOWN_TABLE) (version 24.8.4.13 (official build))"
std::string plain_message(std::string_view body) {
  constexpr std::string_view kFrame = "DB::Exception: ";
  while (body.starts_with("Code: ") && body.find(kFrame) != body.npos) {
    body.remove_prefix(body.find(kFrame) + kFrame.size());
  }
  return one_line(body.substr(0, body.rfind(" (version ")));
}

}  // namespace eddy::host::table
