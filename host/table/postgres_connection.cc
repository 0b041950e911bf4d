// SPDX-License-Identifier: Apache-2.0
#include "table/postgres_connection.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace eddy::host::table {
namespace {

constexpr std::size_t kCopyPiece = 256 << 10;

// Values that stand before the url may be overridden by it; those behind it may not.
constexpr const char* kKeywords[] = {"connect_timeout",
                                     "tcp_user_timeout",
                                     "keepalives_idle",
                                     "dbname",
                                     "client_encoding",
                                     "fallback_application_name",
                                     nullptr};

std::string trimmed(const char* text) {
  std::string trimmed = text == nullptr ? "" : text;
  while (!trimmed.empty() && (trimmed.back() == '\n' || trimmed.back() == ' ')) trimmed.pop_back();
  std::ranges::replace(trimmed, '\n', ' ');
  return trimmed;
}

// "COPY movies, line 17, column x": the place of the row in what was copied. In other languages it is not found, and
// not needed.
std::size_t copied_line(const char* context, std::string_view table) {
  if (context == nullptr || table.empty()) return 0;
  const std::string before = fmt::format("COPY {}, line ", table);
  const char* at = std::strstr(context, before.c_str());
  if (at == nullptr) return 0;
  at += before.size();
  std::size_t line = 0;
  std::from_chars(at, at + std::strlen(at), line);
  return line;
}

bool failed(ExecStatusType status) {
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_NONFATAL_ERROR;
}

}  // namespace

std::size_t PostgresAnswer::touched() const {
  const char* text = PQcmdTuples(result_.get());
  std::size_t count = 0;
  std::from_chars(text, text + std::strlen(text), count);
  return count;
}

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::open(const PostgresOptions& options) {
  const char* const values[] = {"10", "30000", "30", options.url.c_str(), "UTF8", "eddy", nullptr};
  std::unique_ptr<PostgresConnection> connection(
      new PostgresConnection(PQconnectdbParams(kKeywords, values, 1), options));
  PGconn* handle = connection->handle_.get();
  if (PQstatus(handle) != CONNECTION_OK) {
    return Error{Code::kUnavailable,
                 fmt::format("{}: connecting: {}; look at tables.url and whether the server runs and lets this host in",
                             options.where, trimmed(PQerrorMessage(handle)))};
  }
  EDDY_TRY(connection->configure());
  return connection;
}

Result<void> PostgresConnection::configure() {
  PQsetNoticeProcessor(
      handle_.get(), [](void*, const char*) {}, nullptr);
  PQsetnonblocking(handle_.get(), 1);
  // A host that hangs in a transaction must not hold a table for ever either.
  EDDY_ASSIGN([[maybe_unused]] auto answer,
              must("SET client_min_messages = error; SET standard_conforming_strings = on; "
                   "SELECT set_config(name, value, false) FROM (VALUES ('statement_timeout', '30s'), "
                   "('lock_timeout', '10s'), ('idle_in_transaction_session_timeout', '60s')) AS wanted(name, value) "
                   "WHERE current_setting(name) = '0'",
                   "setting up the connection"));
  return {};
}

Error PostgresConnection::error(const PostgresFailure& failure, std::string_view doing) const {
  return to_error(failure, where_, doing);
}

PostgresFailure PostgresConnection::broken(std::string message) {
  broken_ = true;
  if (why_broken_.empty()) why_broken_ = std::move(message);
  return {"", why_broken_, 0};
}

bool PostgresConnection::wait(short events) {
  pollfd descriptor{PQsocket(handle_.get()), events, 0};
  const auto deadline = std::chrono::steady_clock::now() + patience_;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    const int ready = ::poll(&descriptor, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready > 0) return true;
    if (ready < 0 && errno == EINTR) continue;
    broken(ready < 0 ? fmt::format("waiting for the server: {}", std::strerror(errno))
                     : fmt::format("the server did not answer for {} ms", patience_.count()));
    return false;
  }
}

bool PostgresConnection::flush() {
  for (;;) {
    const int left = PQflush(handle_.get());
    if (left == 0) return true;
    if (left < 0) return false;
    // A server that has something to say reads no further until it is heard.
    if (!wait(POLLIN | POLLOUT) || PQconsumeInput(handle_.get()) == 0) return false;
  }
}

PGresult* PostgresConnection::next_result() {
  while (PQisBusy(handle_.get()) != 0) {
    if (!wait(POLLIN) || PQconsumeInput(handle_.get()) == 0) return nullptr;
  }
  return PQgetResult(handle_.get());
}

// Ends early when the server has refused the data already: its reason is the next result.
void PostgresConnection::send_copy(std::string_view data) {
  while (!data.empty()) {
    const std::string_view piece = data.substr(0, kCopyPiece);
    if (PQputCopyData(handle_.get(), piece.data(), static_cast<int>(piece.size())) < 0 || !flush()) return;
    data.remove_prefix(piece.size());
  }
  if (PQputCopyEnd(handle_.get(), nullptr) == 1) flush();
}

PostgresAnswer PostgresConnection::finish(bool sent, std::string_view data, std::string_view copied_table) {
  PostgresAnswer answer;
  if (sent && flush()) {
    while (PGresult* result = next_result()) {
      const ExecStatusType status = PQresultStatus(result);
      if (failed(status) && !answer.failure_) answer.failure_ = failure_of(result, copied_table);
      answer.result_.reset(result);
      if (status == PGRES_COPY_IN) send_copy(data);
      if (broken_) break;
    }
  }
  if (broken_ || PQstatus(handle_.get()) != CONNECTION_OK) {
    answer.failure_ = broken(trimmed(PQerrorMessage(handle_.get())));
  } else if (answer.result_ == nullptr && !answer.failure_) {
    answer.failure_ = broken(fmt::format("the statement was not sent: {}", trimmed(PQerrorMessage(handle_.get()))));
  }
  return answer;
}

PostgresFailure PostgresConnection::failure_of(const PGresult* result, std::string_view copied_table) const {
  PostgresFailure failure;
  const auto field = [&](int code) { return trimmed(PQresultErrorField(result, code)); };
  failure.state = field(PG_DIAG_SQLSTATE);
  failure.message = field(PG_DIAG_MESSAGE_PRIMARY);
  if (const std::string detail = field(PG_DIAG_MESSAGE_DETAIL); !detail.empty()) failure.message += ": " + detail;
  if (failure.message.empty()) failure.message = trimmed(PQresultErrorMessage(result));
  failure.line = copied_line(PQresultErrorField(result, PG_DIAG_CONTEXT), copied_table);
  // Said by libpq itself, about the connection.
  if (failure.state.empty()) failure.state = PQstatus(handle_.get()) == CONNECTION_OK ? "08000" : "";
  return failure;
}

PostgresAnswer PostgresConnection::run(const std::string& sql, std::string_view data, std::string_view copied_table) {
  return finish(PQsendQuery(handle_.get(), sql.c_str()) == 1, data, copied_table);
}

PostgresAnswer PostgresConnection::run(const std::string& sql, std::span<const std::string> parameters) {
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  return finish(PQsendQueryParams(handle_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(),
                                  nullptr, nullptr, 0) == 1,
                {}, {});
}

Result<PostgresAnswer> PostgresConnection::must(const std::string& sql, std::string_view doing) {
  PostgresAnswer answer = run(sql);
  if (!answer.ok()) return error(answer.failure(), doing);
  return answer;
}

Result<PostgresAnswer> PostgresConnection::must(const std::string& sql, std::span<const std::string> parameters,
                                                std::string_view doing) {
  PostgresAnswer answer = run(sql, parameters);
  if (!answer.ok()) return error(answer.failure(), doing);
  return answer;
}

Result<void> PostgresTransaction::begin() {
  open_ = true;
  // Deferred constraints would speak at the commit only, when it is too late to say of which row.
  EDDY_ASSIGN([[maybe_unused]] auto answer,
              connection_.must("BEGIN ISOLATION LEVEL READ COMMITTED; SET CONSTRAINTS ALL IMMEDIATE",
                               "beginning a transaction"));
  return {};
}

Result<void> PostgresTransaction::commit() {
  EDDY_ASSIGN(const auto answer, connection_.must("COMMIT", "committing"));
  open_ = false;
  if (answer.tag() == "COMMIT") return {};
  // What a server answers that has given the transaction up before.
  return connection_.error({"40000", fmt::format("it answered {}", answer.tag()), 0}, "committing");
}

PostgresTransaction::~PostgresTransaction() {
  if (open_ && connection_.usable()) static_cast<void>(connection_.run("ROLLBACK"));
}

}  // namespace eddy::host::table
