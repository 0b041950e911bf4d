// SPDX-License-Identifier: Apache-2.0
// How a function's state gets out of its process, and into the next one.
#include <algorithm>

#include "base/log.h"
#include "function/process/process_caller.h"

namespace eddy::host {

namespace {

constexpr std::size_t kMostReason = 64 << 10;

std::size_t room_for(const FunctionState& state) { return ring_for(state.bytes.size()).value_or(kLargestRing); }

}  // namespace

std::optional<FunctionState> ProcessCaller::save() {
  if (carried_) return carried_;  // the process that should have it is still to be started
  if (binding_->decl->state.save == nullptr || process_ == nullptr) return std::nullopt;
  const auto answered = process_->ask(RequestKind::kSave, {}, *binding_, answer_, stopping_);
  if (!answered || answer_.kind != AnswerKind::kState || !answer_.has_state) {
    if (answered) process_->release();
    return std::nullopt;
  }
  FunctionState state{.plugin = binding_->image->identity.name,
                      .function = binding_->decl->name,
                      .version = answer_.state_version,
                      .bytes = std::string(answer_.state)};
  process_->release();
  return state;
}

Result<void> ProcessCaller::load(const FunctionState& state) {
  if (const std::size_t wanted = room_for(state); wanted > sizes_.requests) {
    sizes_.requests = wanted;
    process_.reset();
    spare_.reset();
    EDDY_TRY(start());
  }
  EDDY_TRY(process_->ask(RequestKind::kLoad, state, *binding_, answer_, stopping_));
  const std::string why(answer_.message.substr(0, kMostReason));
  const bool loaded = answer_.kind == AnswerKind::kLoaded && why.empty();
  process_->release();
  if (loaded) return {};
  return Error{Code::kRefused, why.empty() ? "its worker process does not answer" : why};
}

// Before a process that is well is replaced for its size: that is no end of what its function has.
void ProcessCaller::carry_state() {
  if (binding_->decl->state.save == nullptr) return;
  carried_ = save();
  if (carried_) {
    sizes_.requests = std::max(sizes_.requests, room_for(*carried_));
    return;
  }
  log(LogLevel::kWarn, binding_->decl->name,
      "starts afresh: a large record needs a worker process with more room, and the one before handed over no state");
}

// What refuses its state may have half of it: it is not called.
Result<void> ProcessCaller::take_over() {
  if (!carried_) return {};
  const FunctionState state = *std::exchange(carried_, std::nullopt);
  const Result<void> loaded = load(state);
  if (loaded) return {};
  log(LogLevel::kWarn, binding_->decl->name,
      "starts afresh: a large record needs a worker process with more room, which did not take over the state: " +
          loaded.error().text);
  process_.reset();
  return start();
}

}  // namespace eddy::host
