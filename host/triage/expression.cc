// SPDX-License-Identifier: Apache-2.0
#include "triage/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "triage/expression_shape.h"

namespace eddy::host::triage {

namespace {

constexpr const char* kView = "letters";
constexpr const char* kCauses = "causes";
constexpr std::string_view kOfCauses[] = {"queue",  "fingerprint",    "error_type",      "source",        "function",
                                          "plugin", "plugin_version", "plugin_build_id", "origin_stream", "route"};
constexpr int kStepsBetweenLooks = 200;   // of SQLite's machine, some of which take milliseconds
constexpr int kLongestValue = 64 * 1024;  // what is built of a row's texts, and these texts

// Functions that only look at their arguments, and cannot make much out of little.
constexpr std::string_view kFunctions[] = {"abs",   "avg",    "coalesce", "count",   "date",      "datetime", "glob",
                                           "hex",   "ifnull", "iif",      "instr",   "julianday", "length",   "like",
                                           "lower", "ltrim",  "max",      "min",     "nullif",    "replace",  "round",
                                           "rtrim", "sign",   "strftime", "substr",  "substring", "sum",      "time",
                                           "total", "trim",   "typeof",   "unicode", "unixepoch", "upper"};

bool is_table_of_view(std::string_view name) { return name == "letter" || name == "kind" || name == "stream"; }

}  // namespace

ExpressionGuard::ExpressionGuard(sqlite::Database& database, std::chrono::milliseconds limit)
    : database_(database), limit_(limit) {
  sqlite3* handle = database.handle();
  longest_before_ = sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, kLongestValue);
  sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, 1 << 16);
  sqlite3_limit(handle, SQLITE_LIMIT_EXPR_DEPTH, 200);
  sqlite3_limit(handle, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000);
  sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
  watch_.deadline = std::chrono::steady_clock::now() + limit;
  sqlite3_set_authorizer(handle, &authorize, &watch_);
  sqlite3_progress_handler(handle, kStepsBetweenLooks, &progress, &watch_);
}

ExpressionGuard::~ExpressionGuard() {
  sqlite3_set_authorizer(database_.handle(), nullptr, nullptr);
  sqlite3_progress_handler(database_.handle(), 0, nullptr, nullptr);
  sqlite3_limit(database_.handle(), SQLITE_LIMIT_LENGTH, longest_before_);  // copies of letters are longer
}

int ExpressionGuard::progress(void* watch) {
  Watch& state = *static_cast<Watch*>(watch);
  state.late = std::chrono::steady_clock::now() > state.deadline;
  return state.late ? 1 : 0;
}

int ExpressionGuard::authorize(void* watch, int action, const char* first, const char* second, const char*,
                               const char* view) {
  const auto text = [](const char* word) { return std::string_view(word == nullptr ? "" : word); };
  const bool in_view = text(view) == kView || text(view) == kCauses;
  std::string refused;
  if (action == SQLITE_READ) {
    // The view's own tables appear once more, without a column, where a query uses none of theirs.
    const bool counted = text(second).empty() && is_table_of_view(text(first));
    const bool of_view = text(first) == kView || text(first) == kCauses;
    if (of_view && !in_view &&
        std::find(std::begin(kOfCauses), std::end(kOfCauses), text(second)) == std::end(kOfCauses))
      static_cast<Watch*>(watch)->of_letters = true;
    if (in_view || counted || of_view) return SQLITE_OK;
    refused = fmt::format("reading {}", text(first));
  } else if (action == SQLITE_FUNCTION) {
    if (in_view || std::find(std::begin(kFunctions), std::end(kFunctions), text(second)) != std::end(kFunctions))
      return SQLITE_OK;
    refused = fmt::format("the function {}", text(second));
  } else if (action == SQLITE_SELECT) {
    return SQLITE_OK;
  } else {
    refused = action == SQLITE_RECURSIVE ? "a query that feeds itself" : "what is not a query";
  }
  static_cast<Watch*>(watch)->refused = std::move(refused);
  return SQLITE_DENY;
}

Result<void> ExpressionGuard::check(const std::string& expression) {
  EDDY_TRY(check_shape(expression));
  watch_.of_letters = false;
  const auto prepared = database_.prepare(fmt::format("SELECT count(*) FROM letters WHERE (\n{}\n)", expression));
  return prepared ? Result<void>() : explain(expression, prepared.error());
}

Error ExpressionGuard::explain(const std::string& expression, Error error) const {
  if (watch_.late) {
    return wrong_expression(
        expression, fmt::format("took longer than {} s and was ended; make it simpler, or narrow the letters by "
                                "group, since and until",
                                static_cast<double>(limit_.count()) * 1e-3));
  }
  if (!watch_.refused.empty()) {
    return wrong_expression(
        expression,
        fmt::format("{} is refused: it may use the columns of letters, operators and plain functions", watch_.refused));
  }
  const int code = sqlite3_errcode(database_.handle()) & 0xff;
  if (code != SQLITE_ERROR && code != SQLITE_TOOBIG) return error;
  return wrong_expression(expression,
                          fmt::format("{}; expected an SQL expression over the columns of letters, as in error_message "
                                      "LIKE '%timeout%' AND attempts > 2",
                                      sqlite3_errmsg(database_.handle())));
}

}  // namespace eddy::host::triage
