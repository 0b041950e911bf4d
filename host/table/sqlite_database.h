// SPDX-License-Identifier: Apache-2.0
// One connection to a table's SQLite file, with its errors as ours.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace eddy::host::table {

struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using StatementPtr = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// A column as text, valid until the next step.
inline std::string_view column_text(sqlite3_stmt* statement, int column) {
  const unsigned char* text = sqlite3_column_text(statement, column);
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}
inline void bind_text(sqlite3_stmt* statement, int index, std::string_view text) {
  // A null pointer would bind NULL.
  sqlite3_bind_text64(statement, index, text.data() == nullptr ? "" : text.data(), text.size(), SQLITE_STATIC,
                      SQLITE_UTF8);
}

// Not thread-safe: opened without SQLite's own mutex.
class SqliteDatabase {
 public:
  // Makes the file and its folder when they are not there. Every commit is synced: what a stream has given away must
  // not be lost by a power cut. `where` goes in front of every error.
  static Result<std::unique_ptr<SqliteDatabase>> open(const std::string& path, const std::string& where, int busy_ms);
  // To look at it only, and nothing is made. Null: there is no such file, and it could be made. kUnavailable when it
  // could not be, or not be written to.
  static Result<std::unique_ptr<SqliteDatabase>> open_to_look(const std::string& path, const std::string& where,
                                                              int busy_ms);
  ~SqliteDatabase();
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  Result<StatementPtr> prepare(std::string_view sql);
  Result<void> execute(const std::string& sql, std::string_view doing);
  // True: a row. After false or an error the statement is reset.
  Result<bool> step(sqlite3_stmt* statement, std::string_view doing);

  bool in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }
  std::int64_t changes() const { return sqlite3_changes64(handle_); }
  // True when the file that is open is no longer the one at the path: what is written to it, nobody will find.
  bool moved() const;
  // The connection's last error; `doing` is what was tried.
  Error error(std::string_view doing) const;
  int extended_code() const { return sqlite3_extended_errcode(handle_); }
  std::string message() const { return sqlite3_errmsg(handle_); }

 private:
  SqliteDatabase(sqlite3* handle, std::string where) : handle_(handle), where_(std::move(where)) {}
  Result<void> configure();

  sqlite3* handle_;
  std::string where_;
};

// Rolled back unless commit() came through.
class SqliteTransaction {
 public:
  explicit SqliteTransaction(SqliteDatabase& database) : database_(database) {}
  ~SqliteTransaction();
  SqliteTransaction(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(const SqliteTransaction&) = delete;

  Result<void> begin() { return database_.execute("BEGIN IMMEDIATE", "beginning a transaction"); }
  Result<void> commit() { return database_.execute("COMMIT", "committing"); }

 private:
  SqliteDatabase& database_;
};

// The name of a code by which an INSERT of one row refuses it ("SQLITE_CONSTRAINT_UNIQUE"); empty when the code is not
// about the row. SQLITE_ERROR is, if the statement can be prepared again.
std::string_view row_error_name(int extended_code);

}  // namespace eddy::host::table
