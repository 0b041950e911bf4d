// SPDX-License-Identifier: Apache-2.0
#include "function/canary_caller.h"

#include <utility>

#include "dead_letter/mask.h"

namespace eddy::host {

CanaryCaller::CanaryCaller(BindingPtr binding, std::unique_ptr<FunctionCaller> fresh,
                           std::unique_ptr<FunctionCaller> stable)
    : FunctionCaller(std::move(binding)),
      canary_(*binding_->canary),
      fresh_(std::move(fresh)),
      stable_(std::move(stable)),
      active_(stable_.get()) {}

bool CanaryCaller::poisoned() const { return stable_->poisoned() || (fresh_ != nullptr && fresh_->poisoned()); }

void CanaryCaller::expect(std::span<const Record> records) {
  for_fresh_.clear();
  for_stable_.clear();
  for (const Record& record : records) (takes(record.partition) ? for_fresh_ : for_stable_).push_back(record);
  if (fresh_ != nullptr) fresh_->expect(for_fresh_);
  stable_->expect(for_stable_);
}

std::optional<FailureCause> CanaryCaller::prepare(const Task& task, const DeadLetter* letter) {
  task_ = &task;
  letter_ = letter;
  refused_.reset();
  if (!takes(task.origin.partition)) return prepare_stable();
  active_ = fresh_.get();
  auto cause = fresh_->prepare(task, letter);
  if (!cause) return cause;
  canary_.counts->called();
  refused_ = cause;
  return prepare_stable();
}

std::optional<FailureCause> CanaryCaller::prepare_stable() {
  active_ = stable_.get();
  auto cause = stable_->prepare(*task_, letter_);
  if (cause) cause->plugin = &stable_->binding().image->identity;
  return cause;
}

Result<Called> CanaryCaller::call() {
  if (active_ == stable_.get()) return call_instead();
  EDDY_ASSIGN(const Called called, fresh_->call());
  canary_.counts->called();
  // A dependency that is down is no fault of the build, and would be down for its predecessor too.
  if (!called.cause || called.cause->kind == EDDY_FAIL_DEPENDENCY_DOWN) return called;
  if (const auto cause = prepare_stable()) {
    Called failed;
    failed.cause = cause;
    return failed;
  }
  EDDY_ASSIGN(const Called fallback, call_stable());
  if (!fallback.cause) count_broken(*called.cause);
  if (called.faulted() && !fallback.faulted()) canary_.counts->refuse(describe(*called.cause));
  return fallback;
}

// What the new build has refused before any call is broken only where its predecessor's call succeeds.
Result<Called> CanaryCaller::call_instead() {
  EDDY_ASSIGN(const Called called, call_stable());
  const auto refused = std::exchange(refused_, std::nullopt);
  if (refused && !called.cause) count_broken(*refused);
  return called;
}

Result<Called> CanaryCaller::call_stable() {
  EDDY_ASSIGN(Called called, stable_->call());
  if (called.cause) called.cause->plugin = &stable_->binding().image->identity;
  return called;
}

void CanaryCaller::count_broken(const FailureCause& cause) { canary_.counts->broke(describe(cause)); }

std::string CanaryCaller::describe(const FailureCause& cause) const {
  return binding_->decl->name + " at " + std::string(task_->origin.stream) + "/" +
         std::to_string(task_->origin.partition) + "/" + std::to_string(task_->origin.offset) + ": " +
         std::string(cause.type) + ": " +
         Mask(binding_->settings.redact)
             .text(cause.message, letter_ != nullptr ? letter_->original : task_->record.value);
}

}  // namespace eddy::host
