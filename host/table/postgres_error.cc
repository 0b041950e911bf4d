// SPDX-License-Identifier: Apache-2.0
#include "table/postgres_error.h"

#include <fmt/format.h>

#include <algorithm>

namespace eddy::host::table {
namespace {

struct StateMeaning {
  std::string_view prefix;  // of the SQLSTATE
  Code code;
  std::string_view advice;
};

// The first that fits counts.
constexpr StateMeaning kStateMeanings[] = {
    {"42501", Code::kConfig, "GRANT what is missing to the user of tables.url"},
    {"42", Code::kConfig, "look whether somebody changed the table"},
    {"25006", Code::kUnavailable, "the server is read-only, or a standby: it is tried again"},
    {"28", Code::kConfig, "look at user and password in tables.url and at the server's pg_hba.conf"},
    {"3D", Code::kConfig, "create the database, or name another in tables.url"},
    {"3F", Code::kConfig, "create the schema, or name another in the user's search_path"},
    {"0A", Code::kConfig, "the server cannot do this: look at its version (12 or newer) and at the table"},
    {"22", Code::kConfig, "look whether somebody changed the table"},
    {"23", Code::kConfig, "look at the constraints of the table"},
    {"40", Code::kUnavailable, "another session was in the way: it is tried again"},
    {"55", Code::kUnavailable, "another session holds the table: let it finish"},
    {"57014", Code::kUnavailable, "it took too long: look what the server waits for"},
    {"57", Code::kUnavailable, "the server stops or starts: it is tried again"},
    {"53", Code::kUnavailable, "the server has too little disk, memory or connections"},
    {"XX001", Code::kCorrupt, "look at the server's log: a file of the database is damaged"},
    {"XX002", Code::kCorrupt, "REINDEX what the server's log names: an index is damaged"},
};

// Classes of PostgreSQL's own and of the standard's that say nothing about a row. Of the others, those that it does not
// know are a trigger's own: RAISE … USING ERRCODE takes any.
constexpr std::string_view kOtherClasses[] = {"00", "01", "02", "03", "08", "0A", "0B", "0F", "0L", "0P", "0Z",
                                              "10", "24", "25", "26", "28", "2B", "2D", "34", "3B", "3D", "3F",
                                              "40", "42", "53", "55", "57", "58", "72", "F0", "HV", "XX"};

}  // namespace

bool refuses_row(std::string_view state) {
  if (state.size() != 5) return false;
  return state == "42804" || std::ranges::find(kOtherClasses, state.substr(0, 2)) == std::end(kOtherClasses);
}

Error to_error(const PostgresFailure& failure, std::string_view where, std::string_view doing) {
  if (failure.state.empty()) {
    return {Code::kUnavailable, fmt::format("{}: {}: {}; it is tried again", where, doing, failure.message)};
  }
  const auto* found =
      std::ranges::find_if(kStateMeanings, [&](const StateMeaning& m) { return failure.state.starts_with(m.prefix); });
  const bool known = found != std::end(kStateMeanings);
  return {known ? found->code : Code::kUnavailable,
          fmt::format("{}: {}: {} (SQLSTATE {}); {}", where, doing, failure.message, failure.state,
                      known ? found->advice : "look at the server's log")};
}

}  // namespace eddy::host::table
