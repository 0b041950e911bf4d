// SPDX-License-Identifier: Apache-2.0
#include "triage/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>

namespace eddy::host::triage {

namespace {

constexpr const char* kView = "letters";
constexpr const char* kCauses = "causes";
constexpr std::string_view kOfCauses[] = {"queue",  "fingerprint",    "error_type",      "source",        "function",
                                          "plugin", "plugin_version", "plugin_build_id", "origin_stream", "route"};
constexpr int kStepsBetweenLooks = 10'000;  // of SQLite's machine: under a millisecond

// Functions that only look at their arguments, and cannot make much out of little.
constexpr std::string_view kFunctions[] = {"abs",   "avg",    "coalesce", "count",   "date",      "datetime", "glob",
                                           "hex",   "ifnull", "iif",      "instr",   "julianday", "length",   "like",
                                           "lower", "ltrim",  "max",      "min",     "nullif",    "replace",  "round",
                                           "rtrim", "sign",   "strftime", "substr",  "substring", "sum",      "time",
                                           "total", "trim",   "typeof",   "unicode", "unixepoch", "upper"};

Error wrong(std::string_view expression, std::string_view what) {
  return {Code::kUsage, fmt::format("where '{}': {}", expression, what)};
}

// The end of what is quoted from `at` on, or npos.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
  const char close = text[at] == '[' ? ']' : text[at];
  return text.find(close, at + 1);
}

bool is_table_of_view(std::string_view name) { return name == "letter" || name == "kind" || name == "stream"; }

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$'; }

// What stands at `at`, if an expression must not have it there.
std::string_view forbidden(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  if (rest.starts_with("--") || rest.starts_with("/*")) return "comments have no place in it";
  if (rest.front() == ';') return "it is more than one statement";
  if (rest.front() == '?' || rest.front() == ':' || rest.front() == '@' || rest.front() == '#')
    return "parameters have no place in it: write the value";
  if (rest.front() == '\0') return "it has a NUL byte";
  const bool starts_word = at == 0 || !is_word(text[at - 1]);
  if (!starts_word || rest.size() < 4) return {};
  const bool with = std::equal(rest.begin(), rest.begin() + 4, "with",
                               [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
  return with && (rest.size() == 4 || !is_word(rest[4])) ? "WITH has no place in it" : std::string_view();
}

}  // namespace

Result<void> check_shape(std::string_view expression) {
  int depth = 0;
  for (std::size_t at = 0; at < expression.size(); ++at) {
    const char c = expression[at];
    if (c == '\'' || c == '"' || c == '`' || c == '[') {
      at = end_of_quoted(expression, at);
      if (at == std::string_view::npos) return wrong(expression, fmt::format("a {} is not closed", c));
      continue;
    }
    if (const std::string_view what = forbidden(expression, at); !what.empty()) return wrong(expression, what);
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (depth < 0) break;
  }
  if (depth != 0) return wrong(expression, "its brackets do not match");
  return {};
}

ExpressionGuard::ExpressionGuard(sqlite::Database& database, std::chrono::milliseconds limit)
    : database_(database), limit_(limit) {
  sqlite3* handle = database.handle();
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, 1 << 20);
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
    return wrong(expression,
                 fmt::format("took longer than {} s and was ended; make it simpler, or narrow the letters by "
                             "group, since and until",
                             static_cast<double>(limit_.count()) * 1e-3));
  }
  if (!watch_.refused.empty()) {
    return wrong(
        expression,
        fmt::format("{} is refused: it may use the columns of letters, operators and plain functions", watch_.refused));
  }
  const int code = sqlite3_errcode(database_.handle()) & 0xff;
  if (code != SQLITE_ERROR && code != SQLITE_TOOBIG) return error;
  return wrong(expression,
               fmt::format("{}; expected an SQL expression over the columns of letters, as in error_message "
                           "LIKE '%timeout%' AND attempts > 2",
                           sqlite3_errmsg(database_.handle())));
}

}  // namespace eddy::host::triage
