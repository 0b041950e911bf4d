// SPDX-License-Identifier: Apache-2.0
// Calls a function in the worker's own thread, under its guard.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "function/call.h"
#include "function/caller.h"
#include "function/instance.h"
#include "guard/guard.h"
#include "model/decoder.h"

namespace eddy::host {

// Keeps every buffer it needs from record to record.
class ThreadCaller final : public FunctionCaller {
 public:
  // kRefused when the plugin cannot set the function up.
  static Result<std::unique_ptr<ThreadCaller>> create(BindingPtr binding, ThreadGuard& guard);

  std::optional<FailureCause> prepare(const Task& task, const DeadLetter* letter) override;
  Result<Called> call() override;
  Staging& outputs() override { return call_.outputs; }
  std::optional<FunctionState> save() override;
  Result<void> load(const FunctionState& state) override;
  bool poisoned() const override { return poisoned_; }

 private:
  ThreadCaller(BindingPtr binding, ThreadGuard& guard) : FunctionCaller(std::move(binding)), guard_(guard) {}
  std::optional<FailureCause> prepare_value(const Record& record);
  CallResult timed_process(Called& called);
  void set_fault(Verdict verdict, Called& called);

  ThreadGuard& guard_;
  eddy_call call_;
  std::unique_ptr<Instance> instance_;
  Decoder decoder_;
  std::uint32_t until_timed_ = 0;  // calls until the next one that is timed
  bool poisoned_ = false;

  // Of the record at hand.
  eddy_input input_{};
  eddy_record record_{};
  eddy_dead_letter letter_{};
  std::vector<eddy_header> headers_;
  std::string cause_type_, cause_message_;
  LetterFault fault_;
};

}  // namespace eddy::host
