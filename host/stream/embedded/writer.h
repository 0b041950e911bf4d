// SPDX-License-Identifier: Apache-2.0
// The one connection of this process that writes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "stream/embedded/sqlite.h"
#include "stream/embedded/unit.h"
#include "stream/embedded/wake_file.h"

namespace eddy::host::embedded {

// A unit on its way, and what became of it.
struct PendingUnit {
  const Unit* unit = nullptr;
  Result<void> result;
};

// Not thread-safe: the commit queue lets one thread at a time in.
class Writer {
 public:
  // `wake` must outlive it. `sync_full`: every commit is synced, not only those with a durable unit.
  static Result<std::unique_ptr<Writer>> open(const std::string& data_dir, bool sync_full, WakeFile& wake);

  // Commits the units in one transaction. One that fails by itself is left out; the others do not suffer. A durable
  // unit makes the units before it durable too, also when there is nothing in it.
  void commit(std::span<PendingUnit* const> units);

  // Moves the log into the database when it has grown enough. Cheap when it has not.
  void checkpoint_if_due();

  Database& database() { return *database_; }

 private:
  Writer(std::unique_ptr<Database> database, bool sync_full, WakeFile& wake);
  Result<void> prepare();
  void log_grew_to(int pages);
  Result<void> set_sync(bool full);
  Result<void> commit_all(std::span<PendingUnit* const> units);
  Result<void> sync_log();
  Result<void> apply_guarded(PendingUnit& pending);
  Result<void> apply(const Unit& unit);
  Result<std::int64_t> take_offsets(const UnitPart& part);
  Result<void> insert(const UnitChunk& chunk, const UnitPart& part, std::int64_t base);
  Result<void> move(const std::string& group, const PositionMove& move);

  std::unique_ptr<Database> database_;
  const bool sync_full_;
  WakeFile& wake_;
  bool synced_ = false;   // what the connection does now
  bool unsynced_ = true;  // the log may have units, of an earlier life too, that were not synced
  int log_pages_ = 0;     // in the log after the last commit
  int due_pages_;         // log size at which it is moved
  int patience_pages_;    // log size at which readers are waited for
  std::vector<std::int64_t> next_;
  Statement take_offsets_;
  Statement insert_;
  Statement move_;
};

}  // namespace eddy::host::embedded
