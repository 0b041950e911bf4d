// SPDX-License-Identifier: Apache-2.0
// The little of SQLite that the host's own files use, with its errors as ours.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace eddy::host::sqlite {

class Database;

// How long a statement waits for another process that writes.
inline constexpr int kBusyTimeoutMs = 10'000;

// A prepared statement, kept for the life of its connection. Not thread-safe.
class Statement {
 public:
  Statement() = default;
  Statement(Database& database, sqlite3_stmt* statement) : database_(&database), statement_(statement) {}

  // Parameters count from 1. Text and blobs are borrowed until reset().
  void bind(int index, std::int64_t value) { sqlite3_bind_int64(statement_.get(), index, value); }
  void bind(int index, std::string_view text) {
    // A null pointer would bind NULL.
    sqlite3_bind_text64(statement_.get(), index, text.data() == nullptr ? "" : text.data(), text.size(), SQLITE_STATIC,
                        SQLITE_UTF8);
  }
  void bind_null(int index) { sqlite3_bind_null(statement_.get(), index); }
  void bind_blob(int index, std::string_view bytes) {
    sqlite3_bind_blob64(statement_.get(), index, bytes.data(), bytes.size(), SQLITE_STATIC);
  }

  // True: there is a row. After false or an error the statement is reset.
  Result<bool> step(std::string_view doing);
  // To the end, rows thrown away.
  Result<void> run(std::string_view doing);
  void reset() { sqlite3_reset(statement_.get()); }

  // Columns count from 0 and are valid until the next step or reset.
  bool null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  std::string_view text(int column) const { return blob(column); }
  std::string_view blob(int column) const {
    const void* data = sqlite3_column_blob(statement_.get(), column);
    return {static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
  }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  Database* database_ = nullptr;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// Resets a statement that may be left in the middle of its rows.
class ResetLater {
 public:
  explicit ResetLater(Statement& statement) : statement_(statement) {}
  ~ResetLater() { statement_.reset(); }
  ResetLater(const ResetLater&) = delete;
  ResetLater& operator=(const ResetLater&) = delete;

 private:
  Statement& statement_;
};

enum class Access : std::uint8_t { kReadWrite, kReadOnly };  // to write also makes the file

// How a file is opened, and what its errors say. Texts are literals.
struct OpenOptions {
  Access access = Access::kReadWrite;
  const char* opening = "opening the database";
  const char* if_damaged = "";  // what to do then
};

// One connection. Not thread-safe: opened without SQLite's own mutex.
class Database {
 public:
  static Result<std::unique_ptr<Database>> open(const std::string& path, const OpenOptions& options);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  Result<Statement> prepare(std::string_view sql);
  // Runs one or more statements without parameters.
  Result<void> execute(const char* sql, std::string_view doing);
  // The first column of the first row, as a number.
  Result<std::int64_t> query_integer(std::string_view sql);

  bool in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }
  std::int64_t changes() const { return sqlite3_changes64(handle_); }
  sqlite3* handle() { return handle_; }
  const std::string& path() const { return path_; }
  // Some call has found that the file is not what was written.
  bool damaged() const { return damaged_; }

  // The connection's last error, `doing` in its text: what was tried.
  Error error(std::string_view doing) const;

 private:
  Database(sqlite3* handle, std::string path, const char* if_damaged)
      : handle_(handle), path_(std::move(path)), if_damaged_(if_damaged) {}

  sqlite3* handle_;
  std::string path_;
  const char* if_damaged_;
  mutable bool damaged_ = false;
};

// A transaction that is rolled back unless commit() came through. `begin` says which kind.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) {}
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  Result<void> begin(const char* sql = "BEGIN IMMEDIATE");
  Result<void> commit();

 private:
  Database& database_;
};

}  // namespace eddy::host::sqlite
