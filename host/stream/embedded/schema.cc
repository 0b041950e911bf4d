// SPDX-License-Identifier: Apache-2.0
#include "stream/embedded/schema.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <thread>

namespace eddy::host::embedded {

namespace {

// A chunk fills few pages, and each page costs two writes to the log: 16 KiB takes a quarter off the processor time of
// 4 KiB. Larger ones make a unit of one record too dear. Only a new file takes it.
constexpr const char* kPageSize = "PRAGMA page_size = 16384";

constexpr int kOldestFormat = 1;
constexpr const char* kFormat = "SELECT value FROM meta WHERE name = 'format'";
constexpr std::int64_t kApplicationId = 0x45646479;  // "Eddy", in the file's header

constexpr const char* kTables = R"sql(
PRAGMA application_id = 1164207225;
CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
INSERT INTO meta VALUES('format', 2);
CREATE TABLE stream(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, partitions INTEGER NOT NULL,
  retention_days INTEGER NOT NULL);
CREATE TABLE stream_partition(stream INTEGER, partition INTEGER, oldest INTEGER NOT NULL, next INTEGER NOT NULL,
  bytes INTEGER NOT NULL, PRIMARY KEY(stream, partition)) WITHOUT ROWID;
CREATE TABLE chunk(id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, partition INTEGER NOT NULL, base INTEGER NOT NULL,
  count INTEGER NOT NULL, first_us INTEGER NOT NULL, last_us INTEGER NOT NULL, crc INTEGER NOT NULL, bytes BLOB NOT NULL);
CREATE UNIQUE INDEX chunk_by_offset ON chunk(stream, partition, base);
CREATE TABLE position(consumer TEXT, stream INTEGER, partition INTEGER, committed INTEGER NOT NULL,
  state TEXT NOT NULL, PRIMARY KEY(consumer, stream, partition)) WITHOUT ROWID;
)sql";

// Format 1 had a column for each count, and nothing was held.
constexpr const char* kFromFormat1 = R"sql(
ALTER TABLE position ADD COLUMN state TEXT NOT NULL DEFAULT '';
UPDATE position SET state = 'eddy1 ' || delivered || ' ' || filtered || ' ' || dead_lettered || ' 0';
ALTER TABLE position DROP COLUMN delivered;
ALTER TABLE position DROP COLUMN filtered;
ALTER TABLE position DROP COLUMN dead_lettered;
UPDATE meta SET value = 2 WHERE name = 'format';
)sql";

Result<std::unique_ptr<Database>> open_database(const std::string& data_dir) {
  return Database::open(database_path(data_dir),
                        {.opening = "opening the store",
                         .if_damaged = "the file is damaged: restore it from a backup, or save what can be read with "
                                       "sqlite3 eddy.db .recover"});
}

// A file that was just made is found after a power cut only when its directory was synced too.
void sync_directory(const std::string& data_dir) {
  const int directory = ::open(data_dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return;
  ::fsync(directory);
  ::close(directory);
}

// Two processes that switch at the same moment make one of them fail at once, without its busy handler being asked: it
// tries for as long as that would. By the clock: where it is asked, one attempt takes that long itself.
Result<void> switch_to_wal(Database& database) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(sqlite::kBusyTimeoutMs);
  for (;;) {
    auto switched = database.execute("PRAGMA journal_mode = WAL", "switching to the write-ahead log");
    const bool busy = !switched && switched.error().code == Code::kUnavailable;
    if (!busy || std::chrono::steady_clock::now() >= deadline) return switched;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

Result<void> create_tables(Database& database) {
  Transaction transaction(database);
  EDDY_TRY(transaction.begin());
  EDDY_ASSIGN(const std::int64_t existing, database.query_integer("SELECT count(*) FROM sqlite_master"));
  if (existing > 0) return {};  // another process was first
  EDDY_TRY(database.execute(kTables, "creating the tables"));
  return transaction.commit();
}

Result<void> check_format(Database& database) {
  EDDY_ASSIGN(const std::int64_t application, database.query_integer("PRAGMA application_id"));
  if (application != kApplicationId) {
    return Error{Code::kCorrupt,
                 fmt::format("{}: is an SQLite database, but not Eddy's (application id {:#x}, expected "
                             "{:#x}); move it away, or choose another data_dir",
                             database.path(), application, kApplicationId)};
  }
  EDDY_ASSIGN(const std::int64_t format, database.query_integer(kFormat));
  if (format >= kOldestFormat && format <= kFormatVersion) return {};
  return Error{Code::kRefused,
               fmt::format("{}: has format {}, this version of Eddy reads formats {} to {}; run the version "
                           "that wrote it, or choose another data_dir",
                           database.path(), format, kOldestFormat, kFormatVersion)};
}

// Under the write lock, so that of two processes one finds it done.
Result<void> upgrade(Database& database) {
  EDDY_ASSIGN(const std::int64_t before, database.query_integer(kFormat));
  if (before == kFormatVersion) return {};
  Transaction transaction(database);
  EDDY_TRY(transaction.begin());
  EDDY_ASSIGN(const std::int64_t format, database.query_integer(kFormat));
  if (format == kFormatVersion) return {};
  EDDY_TRY(database.execute(kFromFormat1, "upgrading from format 1"));
  return transaction.commit();
}

}  // namespace

Result<void> make_directory(const std::string& data_dir) {
  std::error_code failed;
  std::filesystem::create_directories(data_dir, failed);
  if (!failed && std::filesystem::is_directory(data_dir)) return {};
  const std::string cause = failed ? failed.message() : "it is not a directory";
  return Error{Code::kConfig, fmt::format("data_dir {}: cannot be created: {}; create it for the user that runs Eddy, "
                                          "or choose another data_dir",
                                          data_dir, cause)};
}

std::string database_path(const std::string& data_dir) { return data_dir + "/eddy.db"; }

Result<void> prepare_database(const std::string& data_dir) {
  EDDY_ASSIGN(auto database, open_database(data_dir));
  EDDY_ASSIGN(const std::int64_t existing, database->query_integer("SELECT count(*) FROM sqlite_master"));
  if (existing > 0) {
    // Looked at before the file is touched: it may be somebody else's.
    EDDY_TRY(check_format(*database));
    EDDY_TRY(switch_to_wal(*database));
    return upgrade(*database);
  }
  EDDY_TRY(database->execute(kPageSize, "choosing the page size"));
  EDDY_TRY(switch_to_wal(*database));
  EDDY_TRY(create_tables(*database));
  sync_directory(data_dir);
  return check_format(*database);
}

Result<std::unique_ptr<Database>> connect(const std::string& data_dir) {
  EDDY_ASSIGN(auto database, open_database(data_dir));
  EDDY_TRY(database->execute("PRAGMA synchronous = NORMAL", "setting up the connection"));
  return database;
}

}  // namespace eddy::host::embedded
