// SPDX-License-Identifier: Apache-2.0
// One function of two builds, called with the same records.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "dead_letter/reader.h"
#include "function/caller.h"
#include "guard/guard.h"
#include "runtime/trial.h"

namespace eddy::host {

// Lives on the trial's thread.
class FunctionTrial {
 public:
  // `go_on` says false when the time is over. All of them outlive it.
  FunctionTrial(const TrialSpec& spec, const FunctionDecl& decl, Transport& transport, ThreadGuard& guard,
                const std::function<bool()>& go_on, TrialReport& report)
      : spec_(spec), decl_(decl), transport_(transport), guard_(guard), go_on_(go_on), report_(report) {}

  // The last records that were processed, then open dead letters. What cannot be read is not tried.
  void run();

 private:
  Result<std::unique_ptr<FunctionCaller>> caller_of(const ImagePtr& image) const;
  bool set_up();
  Result<void> try_records();
  Result<void> try_letters();
  void try_record(const Record& record);
  void try_letter(const Record& record);
  // Why the build fails on it; none: it passes.
  std::optional<std::string> failure_of(FunctionCaller& caller, const Task& task, const DeadLetter* letter);
  void compare(const Task& task, const DeadLetter* letter);
  bool goes_on() const;
  std::string queue() const;

  const TrialSpec& spec_;
  const FunctionDecl& decl_;  // the candidate's
  Transport& transport_;
  ThreadGuard& guard_;
  const std::function<bool()>& go_on_;
  TrialReport& report_;
  std::unique_ptr<FunctionCaller> fresh_, stable_;
  LetterReader reader_;
  bool dependency_down_ = false, faulted_ = false;  // of the last failure_of()
  bool answered_ = false;                           // else it was not called, as time was up
};

}  // namespace eddy::host
