// SPDX-License-Identifier: Apache-2.0
#include "stream/embedded/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/log.h"
#include "stream/embedded/schema.h"

namespace eddy::host::embedded {

namespace {

// A log of this size (16 MiB) is moved into the database. Small enough to open fast after a kill, large enough to be
// rare.
constexpr int kCheckpointPages = 1'000;
// At this size the log could not start anew for want of a moment without readers: they are waited for, shortly.
constexpr int kLargeLogPages = 4 * kCheckpointPages;
// Between two attempts while a reader keeps the log from starting anew.
constexpr int kRetryPages = kCheckpointPages / 4;
constexpr int kReaderPatienceMs = 50;
// What the log file keeps of its size when it starts anew.
constexpr const char* kSettings =
    "PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864;"
    "PRAGMA cache_size = -16384;";

constexpr const char* kTakeOffsets =
    "UPDATE stream_partition SET next = next + ?3, bytes = bytes + ?4 WHERE stream = ?1 AND partition = ?2 "
    "RETURNING next - ?3";
constexpr const char* kInsert =
    "INSERT INTO chunk(stream, partition, base, count, first_us, last_us, crc, bytes) VALUES(?1,?2,?3,?4,?5,?6,?7,?8)";
constexpr const char* kMove = R"sql(
INSERT INTO position VALUES(?1, ?2, ?3, ?5, ?7)
ON CONFLICT DO UPDATE SET committed = excluded.committed, state = excluded.state WHERE committed = ?4 AND state = ?6)sql";

}  // namespace

Writer::Writer(std::unique_ptr<Database> database, bool sync_full, WakeFile& wake)
    : database_(std::move(database)),
      sync_full_(sync_full),
      wake_(wake),
      due_pages_(kCheckpointPages),
      patience_pages_(kLargeLogPages) {}

Result<std::unique_ptr<Writer>> Writer::open(const std::string& data_dir, bool sync_full, WakeFile& wake) {
  EDDY_ASSIGN(auto database, connect(data_dir));
  std::unique_ptr<Writer> writer(new Writer(std::move(database), sync_full, wake));
  EDDY_TRY(writer->prepare());
  return writer;
}

Result<void> Writer::prepare() {
  EDDY_TRY(database_->execute(kSettings, "setting up the connection"));
  sqlite3_wal_hook(
      database_->handle(),
      [](void* writer, sqlite3*, const char*, int pages) {
        static_cast<Writer*>(writer)->log_grew_to(pages);
        return SQLITE_OK;
      },
      this);
  EDDY_ASSIGN(take_offsets_, database_->prepare(kTakeOffsets));
  EDDY_ASSIGN(insert_, database_->prepare(kInsert));
  EDDY_ASSIGN(move_, database_->prepare(kMove));
  return {};
}

Result<void> Writer::set_sync(bool full) {
  if (full == synced_) return {};
  EDDY_TRY(
      database_->execute(full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", "choosing when to sync"));
  synced_ = full;
  return {};
}

void Writer::commit(std::span<PendingUnit* const> units) {
  if (auto done = commit_all(units); !done) {
    for (PendingUnit* pending : units) {
      if (pending->result) pending->result = done.error();
    }
    return;
  }
  for (const PendingUnit* pending : units) {
    if (!pending->result) continue;
    std::uint32_t woken = 0;
    for (const UnitPart& part : pending->unit->parts()) {
      if (part.stream != woken) wake_.bump(part.stream);
      woken = part.stream;
    }
  }
}

Result<void> Writer::commit_all(std::span<PendingUnit* const> units) {
  const bool durable = std::ranges::any_of(units, [](const PendingUnit* pending) { return pending->unit->durable; });
  EDDY_TRY(set_sync(sync_full_ || durable));
  Transaction transaction(*database_);
  EDDY_TRY(transaction.begin());
  if (units.size() == 1) {
    EDDY_TRY(apply(*units[0]->unit));
  } else {
    for (PendingUnit* pending : units) EDDY_TRY(apply_guarded(*pending));
  }
  EDDY_TRY(transaction.commit());
  // A transaction that has written nothing has synced nothing.
  const bool wrote =
      std::ranges::any_of(units, [](const PendingUnit* pending) { return pending->result && !pending->unit->empty(); });
  if (wrote) unsynced_ = !synced_;
  return durable && unsynced_ ? sync_log() : Result<void>();
}

// What left the log for the database was synced on its way.
Result<void> Writer::sync_log() {
  sqlite3_file* log = nullptr;
  sqlite3_file_control(database_->handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (log == nullptr || log->pMethods == nullptr) {
    return Error{Code::kInternal, fmt::format("{}: expected its log to be open", database_->path())};
  }
  if (log->pMethods->xSync(log, SQLITE_SYNC_NORMAL) == SQLITE_OK) {
    unsynced_ = false;
    return {};
  }
  int number = 0;
  log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &number);
  return Error{Code::kUnavailable, fmt::format("{}: syncing its log: {}; look at the disk and at the system's log",
                                               database_->path(), std::strerror(number))};
}

// An error here is one for all: SQLite has given up the whole transaction.
Result<void> Writer::apply_guarded(PendingUnit& pending) {
  EDDY_TRY(database_->execute("SAVEPOINT unit", "beginning a unit"));
  pending.result = apply(*pending.unit);
  if (pending.result) return database_->execute("RELEASE unit", "ending a unit");
  if (!database_->in_transaction()) return pending.result.error();
  return database_->execute("ROLLBACK TO unit; RELEASE unit", "leaving out a unit");
}

Result<void> Writer::apply(const Unit& unit) {
  next_.clear();
  for (const UnitPart& part : unit.parts()) {
    EDDY_ASSIGN(const std::int64_t base, take_offsets(part));
    next_.push_back(base);
  }
  for (const UnitChunk& chunk : unit.chunks()) {
    EDDY_TRY(insert(chunk, unit.parts()[chunk.part], next_[chunk.part]));
    next_[chunk.part] += chunk.records.count();
  }
  for (const PositionMove& position : unit.positions) EDDY_TRY(move(unit.group, position));
  return {};
}

Result<std::int64_t> Writer::take_offsets(const UnitPart& part) {
  take_offsets_.bind(1, part.stream);
  take_offsets_.bind(2, part.partition);
  take_offsets_.bind(3, static_cast<std::int64_t>(part.records));
  take_offsets_.bind(4, static_cast<std::int64_t>(part.bytes));
  EDDY_ASSIGN(const bool row, take_offsets_.step("taking offsets"));
  if (!row) {
    return Error{Code::kCorrupt,
                 fmt::format("{}: stream {} has no partition {} in the database; restore it from a backup",
                             database_->path(), part.stream, part.partition)};
  }
  const std::int64_t base = take_offsets_.integer(0);
  take_offsets_.reset();
  return base;
}

Result<void> Writer::insert(const UnitChunk& chunk, const UnitPart& part, std::int64_t base) {
  const ChunkWriter& records = chunk.records;
  const ChunkHeader header{part.stream, part.partition, base, records.count(), records.first_us(), records.last_us()};
  insert_.bind(1, header.stream);
  insert_.bind(2, header.partition);
  insert_.bind(3, header.base);
  insert_.bind(4, header.count);
  insert_.bind(5, header.first_us);
  insert_.bind(6, header.last_us);
  insert_.bind(7, chunk_crc(chunk.bytes_crc, header));
  insert_.bind_blob(8, records.bytes());
  return insert_.run("writing records");
}

Result<void> Writer::move(const std::string& group, const PositionMove& position) {
  move_.bind(1, group);
  move_.bind(2, position.stream);
  move_.bind(3, position.partition);
  move_.bind(4, position.from);
  move_.bind(5, position.to);
  move_.bind(6, position.from_state);
  move_.bind(7, position.state);
  EDDY_TRY(move_.run("moving a position"));
  if (database_->changes() == 1) return {};
  return Error{Code::kConflict,
               fmt::format("{}: group '{}' was moved in partition {} of its stream by another session, away from {}; "
                           "abort the unit and poll again",
                           database_->path(), group, position.partition, position.from)};
}

void Writer::log_grew_to(int pages) {
  if (pages < log_pages_) {  // it has started anew
    due_pages_ = kCheckpointPages;
    patience_pages_ = kLargeLogPages;
  }
  log_pages_ = pages;
}

void Writer::checkpoint_if_due() {
  if (log_pages_ < due_pages_) return;
  const bool wait_for_readers = log_pages_ >= patience_pages_;
  if (wait_for_readers) sqlite3_busy_timeout(database_->handle(), kReaderPatienceMs);
  const int mode = wait_for_readers ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE;
  const int code = sqlite3_wal_checkpoint_v2(database_->handle(), nullptr, mode, nullptr, nullptr);
  if (code != SQLITE_OK && code != SQLITE_BUSY) {
    log_limited(LogLevel::kError, "store", "checkpoint", database_->error("moving the log into the database").text);
  }
  if (wait_for_readers) sqlite3_busy_timeout(database_->handle(), kBusyTimeoutMs);
  // Who reads for minutes must not cost every commit the same attempt in vain.
  due_pages_ = log_pages_ + kRetryPages;
  if (wait_for_readers) patience_pages_ = log_pages_ + kLargeLogPages;
}

}  // namespace eddy::host::embedded
