// SPDX-License-Identifier: Apache-2.0
// Calls a new build for some partitions, its predecessor for the others and for every record that the new one fails on.
#pragma once

#include <memory>
#include <vector>

#include "function/caller.h"

namespace eddy::host {

// Each record's outputs are those of one build: of the last one that was called with it.
class CanaryCaller final : public FunctionCaller {
 public:
  // `fresh` null: it could not be set up, and the predecessor is called for all. `stable` is what binding->canary has.
  CanaryCaller(BindingPtr binding, std::unique_ptr<FunctionCaller> fresh, std::unique_ptr<FunctionCaller> stable);

  void expect(std::span<const Record> records) override;
  std::optional<FailureCause> prepare(const Task& task, const DeadLetter* letter) override;
  Result<Called> call() override;
  Staging& outputs() override { return active_->outputs(); }
  bool poisoned() const override;

 private:
  bool takes(std::uint32_t partition) const {
    return fresh_ != nullptr && partition < canary_.partitions && !canary_.counts->stopped();
  }
  std::optional<FailureCause> prepare_stable();
  Result<Called> call_instead();
  Result<Called> call_stable();
  void count_broken(const FailureCause& cause);
  std::string describe(const FailureCause& cause) const;

  const Canary& canary_;  // in the binding
  const std::unique_ptr<FunctionCaller> fresh_, stable_;
  std::vector<Record> for_fresh_, for_stable_;  // of expect()

  // Of the record at hand.
  FunctionCaller* active_;
  const Task* task_ = nullptr;
  const DeadLetter* letter_ = nullptr;
  std::optional<FailureCause> refused_;  // by the new build, before any call; borrowed from it
};

}  // namespace eddy::host
