// SPDX-License-Identifier: Apache-2.0
// The attempt journal: which record each worker was calling a plugin with when the process died.
//
// A small mmap'd file under data_dir. Plain stores before a call; no fsync, because it must survive the process, not
// the machine: after a power cut the unit of work simply repeats.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace eddy::host {

// A record that was being processed when an earlier process died.
struct Suspect {
  std::string function;
  std::uint32_t partition = 0;
  std::int64_t offset = 0;
  std::uint32_t deaths = 0;  // processes that died in a call with this record
};

// One worker's cell. Single writer, wait-free.
class JournalCell {
 public:
  // Before a call, and after it. begin() costs a few plain stores.
  void begin(std::uint32_t partition, std::int64_t offset) noexcept;
  void end() noexcept;

  struct Layout;

 private:
  friend class Journal;
  Layout* layout_ = nullptr;
};

// Owned by the runtime. The file format is in host/guard/README.md. open() reads what the last process left, raises the
// death counts of records that were in a call, keeps the others. A file that is not a sound journal is moved aside,
// never an error. One process at a time.
class Journal {
 public:
  static Result<std::unique_ptr<Journal>> open(const std::string& path);
  ~Journal();

  // What open() had to move aside, and why, for the operator (it is in the log already). Empty when the file was sound.
  const std::string& warning() const;

  // A cell for one worker of a function; given back with release(). Thread-safe.
  Result<JournalCell*> acquire(std::string_view function, std::uint32_t worker);
  void release(JournalCell* cell);

  // The process is about to end on purpose: calls that still run are no evidence against their records, of cells that
  // were taken with a name that is `excused`. Each call covers what runs at that moment. Thread-safe.
  void end_calls(const std::function<bool(std::string_view function)>& excused);

  // Suspects of a function, as of open() and since. Thread-safe.
  std::vector<Suspect> suspects(std::string_view function) const;
  // Its record has been delivered, filtered or dead-lettered, durably.
  void forget(std::string_view function, std::uint32_t partition, std::int64_t offset);

 private:
  Journal();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace eddy::host
