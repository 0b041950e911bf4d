// SPDX-License-Identifier: Apache-2.0
// One connection to PostgreSQL that never waits for ever: every answer has a deadline.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "table/postgres_error.h"

namespace eddy::host::table {

struct PostgresOptions {
  std::string url;    // postgresql://…, as libpq reads it
  std::string where;  // in front of every error
  // How long the server may be silent. It is told to give up a statement earlier (statement_timeout 30 s), unless the
  // user, the database or the url say otherwise.
  std::chrono::milliseconds patience = std::chrono::seconds(40);
};

// The last result of a statement, or why there is none.
class PostgresAnswer {
 public:
  bool ok() const { return !failure_.has_value(); }
  const PostgresFailure& failure() const { return *failure_; }
  int rows() const { return PQntuples(result_.get()); }
  std::string_view text(int row, int column) const {
    return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
  }
  bool truth(int row, int column) const { return text(row, column) == "t"; }
  // Rows that an INSERT, UPDATE or DELETE touched.
  std::size_t touched() const;
  // "COMMIT", "UPDATE 1"
  std::string_view tag() const { return PQcmdStatus(result_.get()); }

 private:
  friend class PostgresConnection;
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Clear> result_;
  std::optional<PostgresFailure> failure_;
};

// Not thread-safe.
class PostgresConnection {
 public:
  static Result<std::unique_ptr<PostgresConnection>> open(const PostgresOptions& options);

  // One or more statements without parameters; a COPY … FROM STDIN among them gets `data`. Of several failures the
  // first counts. `copied_table` is the COPY's table as the server names it in its contexts.
  PostgresAnswer run(const std::string& sql, std::string_view data = {}, std::string_view copied_table = {});
  // One statement with parameters, as text.
  PostgresAnswer run(const std::string& sql, std::span<const std::string> parameters);
  // The same, a failure being an error.
  Result<PostgresAnswer> must(const std::string& sql, std::string_view doing);
  Result<PostgresAnswer> must(const std::string& sql, std::span<const std::string> parameters, std::string_view doing);

  bool usable() const { return !broken_ && PQstatus(handle_.get()) == CONNECTION_OK; }
  bool idle() const { return usable() && PQtransactionStatus(handle_.get()) == PQTRANS_IDLE; }
  // How long answers may take from now on.
  std::chrono::milliseconds patience() const { return patience_; }
  void set_patience(std::chrono::milliseconds patience) { patience_ = patience; }
  Error error(const PostgresFailure& failure, std::string_view doing) const;

 private:
  struct Finish {
    void operator()(PGconn* handle) const { PQfinish(handle); }
  };
  PostgresConnection(PGconn* handle, const PostgresOptions& options)
      : handle_(handle), where_(options.where), patience_(options.patience) {}

  Result<void> configure();
  PostgresAnswer finish(bool sent, std::string_view data, std::string_view copied_table);
  PGresult* next_result();
  void send_copy(std::string_view data);
  bool flush();
  bool wait(short events);
  PostgresFailure broken(std::string message);
  PostgresFailure failure_of(const PGresult* result, std::string_view copied_table) const;

  std::unique_ptr<PGconn, Finish> handle_;
  const std::string where_;
  std::chrono::milliseconds patience_;
  bool broken_ = false;
  std::string why_broken_;
};

// Rolled back unless commit() came through; no rollback is sent on a connection that is gone.
class PostgresTransaction {
 public:
  explicit PostgresTransaction(PostgresConnection& connection) : connection_(connection) {}
  ~PostgresTransaction();
  PostgresTransaction(const PostgresTransaction&) = delete;
  PostgresTransaction& operator=(const PostgresTransaction&) = delete;

  Result<void> begin();
  Result<void> commit();

 private:
  PostgresConnection& connection_;
  bool open_ = false;
};

}  // namespace eddy::host::table
