// SPDX-License-Identifier: Apache-2.0
// One worker's unit of work: batches are polled and run until time, size or an event ends it; then the worker commits
// it or gives it up.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "base/clock.h"
#include "dead_letter/reader.h"
#include "function/policy/policies.h"
#include "function/processor.h"
#include "function/slot.h"
#include "function/suspects.h"
#include "function/task.h"
#include "function/unit_counts.h"
#include "function/waiting_room.h"
#include "guard/journal.h"
#include "stream/transport.h"

namespace eddy::host {

// What a unit works on; outlives it.
struct UnitParts {
  Session& session;
  Processor& processor;
  UnitCounts& counts;
  FunctionPolicies& policies;
  JournalCell& cell;
  Suspects& suspects;
  const Clock& clock;
  const Slot& slot;
  const std::string& source;  // the stream
  Intake intake = Intake::kSource;
};

// Lives as long as its session. Not thread-safe.
class UnitOfWork {
 public:
  explicit UnitOfWork(const UnitParts& parts) : parts_(parts) {}

  // What run() works for, until unbind(). What waits in another order than this binding wants is given up.
  Result<void> bind(const Binding& binding);
  void unbind() { binding_ = nullptr; }

  // Polls, waiting at most `wait` for the first record, and runs what comes. An error: nothing of the unit can be
  // committed. To be followed by committed() once the session has committed, or by gave_up().
  Result<void> run(std::chrono::milliseconds wait);
  // Instead of run(), while there is nothing to run with: keeps the session's membership, polls no records.
  Result<void> idle(std::chrono::milliseconds wait);

  // After run(): records that have ended or wait. Zero: there is nothing to commit.
  std::size_t records() const { return done_; }
  // After run(): its last failures were judged an outage, and their dead letters are to be taken back: give it up.
  bool retracted() const;

  void committed();
  void gave_up();  // the session has aborted: everything comes again

  // Why it does not call its function for now, for operators; empty when it does.
  std::string pause_reason() const;

 private:
  using Instant = std::chrono::steady_clock::time_point;
  enum class Next : std::uint8_t { kGoOn, kEndUnit };

  void begin();
  void hold_off(bool off);
  std::chrono::milliseconds shut_for() const;
  std::chrono::milliseconds time_to_poll(std::chrono::milliseconds wait) const;
  std::size_t most_records() const;
  void take_losses();
  void resume_due();
  void line_is_gone(std::uint32_t partition);

  Result<Next> run_due();
  Result<Next> run_batch(std::span<const Record> batch);
  Result<Next> run_records(std::span<const Record> batch);
  Result<Next> must_wait(const Error& why) const;
  Result<Next> take(const Record& record, Task& task);
  Result<Task> task_of(const Record& record);
  std::optional<Task> retried(const Record& record);
  Result<std::optional<Task>> redriven(const Record& record);
  bool too_early(const Record& record, const Task& task);
  Result<Ending> call(const Record& record, Task& task);
  Next settle(const Record& record, const Ending& ending);
  void wait_in_line(const Record& record, const Wait& wait);
  void pause_partition(std::uint32_t partition, std::int64_t until_us);
  bool is_paused(std::uint32_t partition) const { return !paused_.empty() && paused_.contains(partition); }
  Next after_record() const;
  bool full() const;
  bool retracting() const;

  const UnitParts parts_;
  const Binding* binding_ = nullptr;
  WaitingRoom room_;
  std::map<std::uint32_t, std::int64_t> paused_;  // partitions, until when; kUntilLineGoes: until what waits has ended
  RetryRecord retry_record_;
  LetterReader letter_reader_;  // of the redrive stream
  Redriven redriven_;           // the record at hand
  std::string unreadable_;      // why it is not
  std::size_t batch_limit_ = 0;
  Instant not_before_;     // nothing is to be called
  bool held_off_ = false;  // the whole session is paused

  // Of the unit at hand.
  std::size_t done_ = 0;
  std::optional<Instant> started_;        // at its first record
  std::optional<Instant> failing_since_;  // the first of the failures at its end
  std::uint64_t epoch_ = 0;               // of the breaker, when it began
};

}  // namespace eddy::host
