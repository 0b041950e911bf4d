// SPDX-License-Identifier: Apache-2.0
// One record: decode, call, route. Whatever happens, it ends in exactly one of delivered, filtered, dead-lettered.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "dead_letter/letter_state.h"
#include "dead_letter/reader.h"
#include "function/caller.h"
#include "function/disposal.h"
#include "function/unit_counts.h"
#include "guard/guard.h"
#include "sandbox/zygote.h"
#include "stream/transport.h"

namespace eddy::host {

// Where functions that do not run in the host's threads run; outlives every processor.
struct WorkerProcesses {
  Zygote& zygote;
  std::function<bool()> stopping;  // the worker is to end; asked while it waits for a process
};

// One per worker; keeps every buffer it needs from record to record. Not thread-safe.
class Processor {
 public:
  // `processes`: null where there can be no worker processes; every function is called in the thread then.
  Processor(ThreadGuard& guard, const Clock& clock, FunctionPolicies& policies,
            const WorkerProcesses* processes = nullptr);

  // From now on with this function: sets it up. kRefused when the plugin cannot set it up; what was bound
  // before is gone all the same, but for what it hands over.
  Result<void> bind(BindingPtr binding);
  // Keeps what the function hands over for the next bind().
  void unbind();

  // These records will be run next, in this order, unless something comes between.
  void expect(std::span<const Record> records) {
    if (policies_.breaker.state() == Breaker::State::kClosed) caller_->expect(records);
  }
  void expect_nothing() { caller_->expect({}); }

  // Processes a record and writes what comes of it into the session's unit. At max_deaths it is dead-lettered without
  // being run. An error means nothing was decided: the session cannot be written.
  Result<Ending> run(const Task& task, Session& session, UnitCounts& counts);

  // What became of the unit that the last records were run in.
  void committed() { disposal_.committed(); }
  void aborted() { disposal_.aborted(); }

  // True when the last run left the image poisoned: no further run until the next bind().
  bool poisoned() const { return caller_ != nullptr && caller_->poisoned(); }

  // True when the last bind() failed because the function faulted over what it was handed. It is not handed that again.
  bool state_faulted() const { return state_faulted_; }

 private:
  Result<std::unique_ptr<FunctionCaller>> set_up(BindingPtr binding);
  Result<std::unique_ptr<FunctionCaller>> canary_caller(BindingPtr binding);
  // The headers its outputs carry on: the record's, or those of the letter's original.
  std::span<const Header> inherited(const Record& record) const;
  Result<std::optional<FailureCause>> read_letter(const Record& record);
  std::optional<FailureCause> killed(const Task& task, UnitCounts& counts);
  Result<Ending> call_and_route(const Task& task, bool probe, Session& session, UnitCounts& counts);
  Result<Outcome> deliver(const Task& task, bool filtered, Session& session, UnitCounts& counts);
  Result<void> tell_recovery(const Task& task, bool filtered, Session& session, UnitCounts& counts);
  const DeadLetter* letter_of(const Task& task) const;

  Result<std::unique_ptr<FunctionCaller>> make_caller(BindingPtr binding);

  ThreadGuard& guard_;
  const Clock& clock_;
  FunctionPolicies& policies_;
  const WorkerProcesses* const processes_;
  std::unique_ptr<FunctionCaller> caller_;
  const Binding* binding_ = nullptr;
  std::optional<FunctionState> state_;  // of an instance that is gone, until another takes it
  bool state_faulted_ = false;
  Disposal disposal_;
  LetterReader reader_;
  LetterStateWriter state_writer_;
  LetterStateRecord state_record_;

  // Of the record at hand.
  const DeadLetter* letter_ = nullptr;
  std::string cause_message_;
};

}  // namespace eddy::host
