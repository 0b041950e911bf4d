// SPDX-License-Identifier: Apache-2.0
#include "table/sqlite_database.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/percent.h"

namespace eddy::host::table {
namespace {

struct RowError {
  int code;
  std::string_view name;
};

constexpr RowError kRowErrors[] = {
    // An expression of an index, a generated column, a constraint or a trigger cannot be computed of these values.
    {SQLITE_ERROR, "SQLITE_ERROR"},
    {SQLITE_CONSTRAINT, "SQLITE_CONSTRAINT"},
    {SQLITE_CONSTRAINT_CHECK, "SQLITE_CONSTRAINT_CHECK"},
    {SQLITE_CONSTRAINT_DATATYPE, "SQLITE_CONSTRAINT_DATATYPE"},
    {SQLITE_CONSTRAINT_FOREIGNKEY, "SQLITE_CONSTRAINT_FOREIGNKEY"},
    {SQLITE_CONSTRAINT_FUNCTION, "SQLITE_CONSTRAINT_FUNCTION"},
    {SQLITE_CONSTRAINT_NOTNULL, "SQLITE_CONSTRAINT_NOTNULL"},
    {SQLITE_CONSTRAINT_PRIMARYKEY, "SQLITE_CONSTRAINT_PRIMARYKEY"},
    {SQLITE_CONSTRAINT_ROWID, "SQLITE_CONSTRAINT_ROWID"},
    {SQLITE_CONSTRAINT_TRIGGER, "SQLITE_CONSTRAINT_TRIGGER"},
    {SQLITE_CONSTRAINT_UNIQUE, "SQLITE_CONSTRAINT_UNIQUE"},
    {SQLITE_CONSTRAINT_VTAB, "SQLITE_CONSTRAINT_VTAB"},
    {SQLITE_MISMATCH, "SQLITE_MISMATCH"},
    {SQLITE_RANGE, "SQLITE_RANGE"},
    {SQLITE_TOOBIG, "SQLITE_TOOBIG"},
};

struct CodeMeaning {
  Code code;
  std::string_view advice;
};

CodeMeaning meaning_of(int primary_code) {
  switch (primary_code) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Code::kUnavailable, "another program holds the database: let it finish"};
    case SQLITE_FULL:
      return {Code::kUnavailable, "free space on its disk"};
    case SQLITE_NOMEM:
      return {Code::kUnavailable, "there is not enough memory"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {Code::kCorrupt,
              "restore the file from a backup, save what can be read with sqlite3 FILE .recover, or move "
              "it away"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
      return {Code::kUnavailable, "the user that runs Eddy must be able to write the file and its folder"};
    case SQLITE_ERROR:
    case SQLITE_SCHEMA:
    case SQLITE_CONSTRAINT:
      return {Code::kConfig, "look whether somebody changed the table"};
    case SQLITE_IOERR:
      return {Code::kUnavailable, "look at the disk and at the system's log"};
    default:
      return {Code::kUnavailable, "it is tried again"};
  }
}

// Empty: whoever runs this may write there.
std::string why_not_writable(const std::filesystem::path& place, int mode) {
  if (::access(place.c_str(), mode) == 0) return "";
  return fmt::format("{} cannot be written: {}; {}", place.string(), std::strerror(errno),
                     meaning_of(SQLITE_CANTOPEN).advice);
}

// The file, and the folder in which its journals are made; or the first folder on the way that is there.
std::string why_not_writable(const std::filesystem::path& file) {
  std::error_code ignored;
  std::filesystem::path folder = std::filesystem::absolute(file, ignored).parent_path();
  while (!std::filesystem::exists(folder, ignored) && folder.has_relative_path()) folder = folder.parent_path();
  if (std::string why = why_not_writable(folder, W_OK | X_OK); !why.empty()) return why;
  return std::filesystem::exists(file, ignored) ? why_not_writable(file, W_OK) : "";
}

}  // namespace

std::string_view row_error_name(int extended_code) {
  const auto* found = std::ranges::find(kRowErrors, extended_code, &RowError::code);
  if (found != std::end(kRowErrors)) return found->name;
  return (extended_code & 0xff) == SQLITE_CONSTRAINT ? "SQLITE_CONSTRAINT" : "";
}

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open(const std::string& path, const std::string& where,
                                                             int busy_ms) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code failed;
  if (!folder.empty()) std::filesystem::create_directories(folder, failed);
  if (failed) {
    return Error{Code::kUnavailable, fmt::format("{}: making the folder {}: {}; make it, or choose another file", where,
                                                 folder.string(), failed.message())};
  }
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  if (handle == nullptr) return Error{Code::kUnavailable, fmt::format("{}: no memory to open it", where)};
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(handle, where));
  if (code != SQLITE_OK) return database->error("opening the file");
  sqlite3_busy_timeout(handle, busy_ms);
  EDDY_TRY(database->configure());
  return database;
}

// A file in WAL mode that nobody has open would get its journals from a reader, too: such a one is said not to change.
Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open_to_look(const std::string& path, const std::string& where,
                                                                     int busy_ms) {
  if (const std::string why = why_not_writable(path); !why.empty()) {
    return Error{Code::kUnavailable, fmt::format("{}: {}", where, why)};
  }
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::unique_ptr<SqliteDatabase>();
  const bool in_use = std::filesystem::exists(path + "-wal", ignored);
  const std::string uri = fmt::format("file:{}{}", percent_encode(path), in_use ? "" : "?immutable=1");
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(uri.c_str(), &handle, flags, nullptr);
  if (handle == nullptr) return Error{Code::kUnavailable, fmt::format("{}: no memory to open it", where)};
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(handle, where));
  if (code != SQLITE_OK) return database->error("opening the file");
  sqlite3_busy_timeout(handle, busy_ms);
  EDDY_TRY(database->execute("PRAGMA schema_version", "reading the file"));
  return database;
}

Result<void> SqliteDatabase::configure() {
  EDDY_TRY(execute("PRAGMA journal_mode = WAL", "choosing the journal"));
  return execute("PRAGMA synchronous = FULL", "choosing when to sync");
}

SqliteDatabase::~SqliteDatabase() { sqlite3_close_v2(handle_); }

Result<StatementPtr> SqliteDatabase::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  if (code != SQLITE_OK) return error(fmt::format("preparing {}", sql));
  return StatementPtr(statement);
}

Result<void> SqliteDatabase::execute(const std::string& sql, std::string_view doing) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return error(doing);
  return {};
}

Result<bool> SqliteDatabase::step(sqlite3_stmt* statement, std::string_view doing) {
  const int code = sqlite3_step(statement);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(statement);
    return false;
  }
  Error failed = error(doing);
  sqlite3_reset(statement);
  return failed;
}

bool SqliteDatabase::moved() const {
  int moved = 0;
  return sqlite3_file_control(handle_, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0;
}

Error SqliteDatabase::error(std::string_view doing) const {
  const int code = extended_code();
  const int primary = code & 0xff;
  // The system's number stays from an older call when the code is not about the system.
  const bool system = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN || primary == SQLITE_FULL;
  const int number = system ? sqlite3_system_errno(handle_) : 0;
  const CodeMeaning meaning = meaning_of(primary);
  return {meaning.code,
          fmt::format("{}: {}: {}{} (SQLite {}); {}", where_, doing, message(),
                      number == 0 ? "" : fmt::format(", {}", std::strerror(number)), code, meaning.advice)};
}

SqliteTransaction::~SqliteTransaction() {
  // Some errors have rolled back by themselves. A failed rollback leaves nothing to do: the next begin() will say so.
  if (database_.in_transaction()) static_cast<void>(database_.execute("ROLLBACK", "rolling back"));
}

}  // namespace eddy::host::table
