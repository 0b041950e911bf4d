// SPDX-License-Identifier: Apache-2.0
#include "sqlite/database.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <mutex>

namespace eddy::host::sqlite {

namespace {

// Statistics cost a process-wide mutex at every allocation. Has no effect when SQLite is already in use, which is fine.
void configure_library() {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

Error full_disk(std::string_view path, std::string_view doing) {
  return {Code::kUnavailable, fmt::format("{}: {}: the disk is full; free space there and it goes on, nothing that was "
                                          "committed is lost",
                                          path, doing)};
}

Error map_error(int code, int system, std::string_view message, std::string_view path, std::string_view doing,
                std::string_view if_damaged) {
  const auto text = [&](std::string_view advice) {
    const std::string cause = system == 0 ? "" : fmt::format(", {}", std::strerror(system));
    return fmt::format("{}: {}: {}{} (SQLite {}){}{}", path, doing, message, cause, code, advice.empty() ? "" : "; ",
                       advice);
  };
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Code::kUnavailable, text("another process holds the database: let it finish, then try again")};
    case SQLITE_FULL:
      return full_disk(path, doing);
    case SQLITE_IOERR:
      if (system == ENOSPC) return full_disk(path, doing);
      return {Code::kUnavailable, text("look at the disk and at the system's log")};
    case SQLITE_NOMEM:
      return {Code::kUnavailable, text("there is not enough memory")};
    case SQLITE_CORRUPT:
      return {Code::kCorrupt, text(if_damaged)};
    case SQLITE_NOTADB:
      return {Code::kCorrupt, text("move the file away, or choose another data_dir")};
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return {Code::kConfig, text("the user that runs Eddy must be able to write the directory and the files in it")};
    case SQLITE_TOOBIG:
      return {Code::kBadData, text("")};
    default:
      return {Code::kInternal, text("")};
  }
}

}  // namespace

Result<bool> Statement::step(std::string_view doing) {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) {
    Error error = database_->error(doing);
    reset();
    return error;
  }
  reset();
  return false;
}

Result<void> Statement::run(std::string_view doing) {
  for (;;) {
    EDDY_ASSIGN(const bool row, step(doing));
    if (!row) return {};
  }
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, const OpenOptions& options) {
  configure_library();
  sqlite3* handle = nullptr;
  const int access =
      options.access == Access::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int flags = access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  if (handle == nullptr) return Error{Code::kUnavailable, fmt::format("{}: no memory to open it", path)};
  std::unique_ptr<Database> database(new Database(handle, path, options.if_damaged));
  if (code != SQLITE_OK) return database->error(options.opening);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  return database;
}

Database::~Database() { sqlite3_close_v2(handle_); }

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  if (code != SQLITE_OK) return error(fmt::format("preparing \"{}\"", sql));
  return Statement(*this, statement);
}

Result<void> Database::execute(const char* sql, std::string_view doing) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return error(doing);
  return {};
}

Result<std::int64_t> Database::query_integer(std::string_view sql) {
  EDDY_ASSIGN(Statement statement, prepare(sql));
  EDDY_ASSIGN(const bool row, statement.step(sql));
  return row ? statement.integer(0) : 0;
}

Error Database::error(std::string_view doing) const {
  const int code = sqlite3_extended_errcode(handle_);
  // The system's error number stays from an older call when the code is not about the system.
  const int kind = code & 0xff;
  damaged_ |= kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB;
  const bool system = kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN || kind == SQLITE_FULL;
  return map_error(code, system ? sqlite3_system_errno(handle_) : 0, sqlite3_errmsg(handle_), path_, doing,
                   if_damaged_);
}

Result<void> Transaction::begin(const char* sql) { return database_.execute(sql, "beginning a transaction"); }

Result<void> Transaction::commit() { return database_.execute("COMMIT", "committing"); }

Transaction::~Transaction() {
  // Some errors have rolled back by themselves. A failed rollback leaves nothing to do: the next begin() will say so.
  if (database_.in_transaction()) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace eddy::host::sqlite
