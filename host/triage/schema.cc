// SPDX-License-Identifier: Apache-2.0
#include "triage/schema.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/file_descriptor.h"

namespace eddy::host::triage {

namespace {

using sqlite::Database;
using sqlite::Statement;
using sqlite::Transaction;

constexpr std::int64_t kFormat = 3;

// A kind is what many letters have in common; a group is the kinds of one fingerprint. Its numbers are those of the
// letters that belong to it, kept with every change, so that groups list without a look at letters. The view `letters`
// is read letter by letter, in the order of an index of letters or of the table: a kind's letters lie far apart.
constexpr const char* kTables = R"sql(
CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE stream(number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, queue TEXT NOT NULL, parked INTEGER NOT NULL,
  swept INTEGER NOT NULL DEFAULT 0);
CREATE TABLE cursor(stream INTEGER, partition INTEGER, first INTEGER NOT NULL, next INTEGER NOT NULL,
  PRIMARY KEY(stream, partition)) WITHOUT ROWID;
CREATE TABLE kind(number INTEGER PRIMARY KEY, queue TEXT NOT NULL, fingerprint TEXT NOT NULL, error_type TEXT NOT NULL,
  source TEXT NOT NULL, function TEXT NOT NULL, plugin TEXT NOT NULL, plugin_version TEXT NOT NULL,
  plugin_build_id TEXT NOT NULL, origin_stream TEXT NOT NULL, route TEXT NOT NULL, error_message TEXT NOT NULL,
  open INTEGER NOT NULL DEFAULT 0, recovered INTEGER NOT NULL DEFAULT 0, redriven INTEGER NOT NULL DEFAULT 0,
  discarded INTEGER NOT NULL DEFAULT 0, parked INTEGER NOT NULL DEFAULT 0, refailures INTEGER NOT NULL DEFAULT 0,
  recoveries INTEGER NOT NULL DEFAULT 0, recovery_us INTEGER NOT NULL DEFAULT 0, first_us INTEGER, last_us INTEGER);
CREATE INDEX kind_by_group ON kind(queue, fingerprint);
CREATE TABLE slot(kind INTEGER, slot INTEGER, letters INTEGER NOT NULL, PRIMARY KEY(kind, slot)) WITHOUT ROWID;
CREATE TABLE letter(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind INTEGER NOT NULL, stream INTEGER NOT NULL,
  partition INTEGER NOT NULL, offset INTEGER NOT NULL, state INTEGER NOT NULL, hops INTEGER NOT NULL,
  attempts INTEGER NOT NULL, failed_us INTEGER NOT NULL, first_failed_us INTEGER NOT NULL, recovery_us INTEGER,
  origin_partition INTEGER, origin_offset INTEGER, size INTEGER NOT NULL, truncated INTEGER NOT NULL,
  digest TEXT NOT NULL, error_message TEXT NOT NULL, edited_from TEXT NOT NULL);
CREATE INDEX letter_by_place ON letter(stream, partition, offset);
CREATE INDEX letter_by_kind ON letter(kind, failed_us, state, hops, recovery_us);
CREATE INDEX letter_by_time ON letter(stream, state, failed_us);
CREATE TABLE state(id TEXT PRIMARY KEY, queue TEXT NOT NULL, state INTEGER NOT NULL, hops INTEGER NOT NULL,
  at_us INTEGER NOT NULL, who TEXT NOT NULL, redrive TEXT NOT NULL, reason TEXT NOT NULL, recovery_us INTEGER NOT NULL)
  WITHOUT ROWID;
CREATE TABLE sample(id TEXT PRIMARY KEY, queue TEXT NOT NULL, fingerprint TEXT NOT NULL, stream TEXT NOT NULL,
  partition INTEGER NOT NULL, offset INTEGER NOT NULL, hops INTEGER NOT NULL, failed_us INTEGER NOT NULL,
  kept_us INTEGER NOT NULL, gone_us INTEGER, state INTEGER, size INTEGER NOT NULL, timestamp_us INTEGER NOT NULL,
  record BLOB NOT NULL);
CREATE INDEX sample_by_group ON sample(queue, fingerprint, failed_us, id, kept_us, gone_us, size);
CREATE VIEW causes AS SELECT number AS kind_number, queue, fingerprint, error_type, source, function, plugin,
  plugin_version, plugin_build_id, origin_stream, route FROM kind;
CREATE VIEW letters AS SELECT l.id AS id, k.queue AS queue, s.name AS stream, l.partition AS partition,
  l.offset AS offset, k.fingerprint AS fingerprint,
  CASE l.state WHEN 0 THEN 'open' WHEN 1 THEN 'recovered' WHEN 2 THEN 'redriven' WHEN 3 THEN 'discarded' ELSE 'parked' END
    AS state,
  k.error_type AS error_type, l.error_message AS error_message, k.source AS source, k.function AS function,
  k.plugin AS plugin, k.plugin_version AS plugin_version, k.plugin_build_id AS plugin_build_id,
  k.origin_stream AS origin_stream, l.origin_partition AS origin_partition, l.origin_offset AS origin_offset,
  k.route AS route,
  strftime('%Y-%m-%dT%H:%M:%S', l.failed_us / 1000000, 'unixepoch') || printf('.%06dZ', l.failed_us % 1000000)
    AS failed_at,
  strftime('%Y-%m-%dT%H:%M:%S', l.first_failed_us / 1000000, 'unixepoch') ||
    printf('.%06dZ', l.first_failed_us % 1000000) AS first_failed_at,
  l.attempts AS attempts, l.hops AS hops, l.size AS size, l.digest AS digest, l.edited_from AS edited_from,
  l.truncated AS truncated, l.recovery_us AS recovery_us, l.failed_us AS failed_us,
  l.first_failed_us AS first_failed_us, l.state AS state_number, l.kind AS kind_number, l.stream AS stream_number
FROM letter l CROSS JOIN kind k ON k.number = l.kind CROSS JOIN stream s ON s.number = l.stream;
)sql";

constexpr sqlite::OpenOptions kOpening{.access = sqlite::Access::kReadWrite,
                                       .opening = "opening the triage index",
                                       .if_damaged = "the index is made anew from the queues: try again"};

// One opener at a time: it may find that the file must be made.
Result<FileDescriptor> lock_opening(const std::string& data_dir) {
  const std::string path = data_dir + "/triage.lock";
  FileDescriptor lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  int locked = -1;
  if (lock.get() >= 0) {
    do {
      locked = ::flock(lock.get(), LOCK_EX);
    } while (locked != 0 && errno == EINTR);
  }
  if (locked == 0) return lock;
  return Error{Code::kUnavailable,
               fmt::format("{}: cannot be locked: {}; the user that runs Eddy must be able to write the directory",
                           path, std::strerror(errno))};
}

void remove_files(const std::string& path, bool all) {
  std::error_code ignored;
  if (all) std::filesystem::remove(path, ignored);
  std::filesystem::remove(path + "-wal", ignored);
  std::filesystem::remove(path + "-shm", ignored);
}

// Letters are nobody else's business; the log gets the mode of the file from SQLite. By name: to close a descriptor of
// the file would end the locks that this process's other connections hold on it.
Result<void> make_private(const std::string& path) {
  if (::chmod(path.c_str(), 0600) == 0) return {};
  return Error{Code::kConfig, fmt::format("{}: cannot be made its user's alone: {}; the user that runs Eddy must own "
                                          "the directory and the files in it",
                                          path, std::strerror(errno))};
}

Result<void> create(Database& database, const std::string& source) {
  Transaction transaction(database);
  EDDY_TRY(transaction.begin());
  EDDY_TRY(database.execute(kTables, "creating the index"));
  EDDY_ASSIGN(Statement meta,
              database.prepare(
                  "INSERT INTO meta VALUES('format', ?1), ('source', ?2), ('born', hex(randomblob(16))), ('slot', 0)"));
  meta.bind(1, kFormat);
  meta.bind(2, std::string_view(source));
  EDDY_TRY(meta.run("creating the index"));
  return transaction.commit();
}

// In place, whatever is in the file: other connections see the new content as they see any other change.
Result<void> empty_in_place(Database& database) {
  sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_RESET_DATABASE, 1, nullptr);
  const auto emptied = database.execute("VACUUM", "making the index anew");
  sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_RESET_DATABASE, 0, nullptr);
  return emptied;
}

// Until is_usable() says yes; an error when only deleting the file can help.
Result<void> make_usable(Database& database, const std::string& source, const std::string& damaged) {
  EDDY_ASSIGN(const bool usable, is_usable(database, source));
  if (usable) {
    EDDY_ASSIGN(const std::string born, read_meta(database, "born"));
    if (born != damaged) return {};
  }
  EDDY_TRY(empty_in_place(database));
  EDDY_TRY(database.execute("PRAGMA journal_mode = WAL", "switching to the write-ahead log"));
  return create(database, source);
}

Result<std::unique_ptr<Database>> open_locked(const std::string& path, const std::string& source,
                                              const std::string& damaged) {
  if (file_identity(path) == 0) remove_files(path, false);  // of a file that somebody has deleted
  EDDY_ASSIGN(auto database, Database::open(path, kOpening));
  EDDY_TRY(make_private(path));
  EDDY_TRY(make_usable(*database, source, damaged));
  // A page is moved from the log into the file once in many transactions, not in each.
  EDDY_TRY(
      database->execute("PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;"
                        "PRAGMA wal_autocheckpoint = 16384; PRAGMA journal_size_limit = 67108864",
                        "setting up the connection"));
  return database;
}

}  // namespace

std::string index_path(const std::string& data_dir) { return data_dir + "/triage.db"; }

std::uint64_t file_identity(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

void abandon(std::unique_ptr<Database> database) {
  if (database != nullptr) sqlite3_db_config(database->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

Result<std::string> read_meta(Database& database, std::string_view name) {
  EDDY_ASSIGN(Statement statement, database.prepare("SELECT value FROM meta WHERE name = ?1"));
  statement.bind(1, name);
  EDDY_ASSIGN(const bool row, statement.step("reading what index this is"));
  return std::string(row ? statement.text(0) : "");
}

Result<bool> is_usable(Database& database, const std::string& source) {
  const auto format = read_meta(database, "format");
  if (!format && format.error().code == Code::kUnavailable) return format.error();
  if (!format || *format != std::to_string(kFormat)) return false;
  const auto found = read_meta(database, "source");
  if (!found && found.error().code == Code::kUnavailable) return found.error();
  return found && *found == source;
}

Result<std::unique_ptr<Database>> open_index(const std::string& data_dir, const std::string& source,
                                             const std::string& damaged) {
  EDDY_ASSIGN(const FileDescriptor lock, lock_opening(data_dir));
  const std::string path = index_path(data_dir);
  auto opened = open_locked(path, source, damaged);
  if (opened || (opened.error().code != Code::kCorrupt && opened.error().code != Code::kInternal)) return opened;
  remove_files(path, true);  // damaged beyond what SQLite empties
  return open_locked(path, source, damaged);
}

Result<std::unique_ptr<Database>> open_reader(const std::string& data_dir) {
  sqlite::OpenOptions options = kOpening;
  options.access = sqlite::Access::kReadOnly;
  EDDY_ASSIGN(auto database, Database::open(index_path(data_dir), options));
  EDDY_TRY(database->execute("PRAGMA query_only = 1; PRAGMA cache_size = -65536; PRAGMA temp_store = FILE",
                             "setting up the connection"));
  return database;
}

}  // namespace eddy::host::triage
