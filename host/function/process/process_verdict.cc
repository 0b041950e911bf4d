// SPDX-License-Identifier: Apache-2.0
// What becomes of the record at hand by what its process says, or does not say any more.
#include <algorithm>
#include <csignal>

#include "base/log.h"
#include "function/process/process_caller.h"
#include "guard/symbolise.h"

namespace eddy::host {

namespace {

constexpr std::size_t kMostText = 64 << 10;
// A late call is left inside the process, which then says so; for one that cannot, this much later, the host ends it.
constexpr std::chrono::milliseconds kBeyondTimeout{4000};
constexpr std::chrono::milliseconds kRoomTime{10'000};  // with nothing to do, to let go of what it has answered
constexpr std::chrono::milliseconds kStopTime{5000};

std::string_view clipped(std::string_view text) { return text.substr(0, kMostText); }

}  // namespace

Result<ProcessCaller::MaybeCalled> ProcessCaller::take(WorkerProcess::Event event) {
  switch (event) {
    case WorkerProcess::Event::kAnswer:
      return take_answer();
    case WorkerProcess::Event::kDead:
    case WorkerProcess::Event::kNonsense:
      return take_death();
    case WorkerProcess::Event::kNothing:
      break;
  }
  return take_silence();
}

ProcessCaller::MaybeCalled ProcessCaller::take_answer() {
  const bool mine = !sent_.empty() && answer_.number == sent_.front().number;
  if (answer_.number <= last_answered_ || answer_.number >= next_number_ ||
      (!mine && !sent_.empty() && answer_.number > sent_.front().number)) {
    return take_death();  // an honest process answers in order
  }
  last_answered_ = answer_.number;
  if (mine && answer_.kind == AnswerKind::kTooLarge) return take_too_large();
  if (mine && answer_.kind != AnswerKind::kCalled) return take_death();
  if (!mine) {
    process_->release();
    return std::nullopt;
  }
  const bool suspicious = answer_.poisoned && answer_.fault_kind != FaultKind::kTimeout && !is_first();
  MaybeCalled called = called_by_answer();
  process_->release();
  if (answer_.poisoned) {
    ++deaths_;
    bury();
    if (suspicious) return std::nullopt;
    deaths_ = 0;  // a record has ended: that is progress
    return called;
  }
  deaths_ = 0;
  ahead_ = std::min(ahead_ * 2, kMostAhead);
  sent_.pop_front();
  return called;
}

// An honest process has had no room. Each such answer makes the ring larger, so that there are few.
ProcessCaller::MaybeCalled ProcessCaller::take_too_large() {
  if (answer_.size <= process_->most_answer()) return take_death();
  const auto ring = ring_for(answer_.size);
  if (!ring) {
    process_->release();
    sent_.pop_front();
    deaths_ = 0;
    return too_large(answer_.size);
  }
  if (binding_->decl->state.save != nullptr) {
    log(LogLevel::kWarn, binding_->decl->name,
        "starts afresh: the outputs of a record need a worker process with more room, and the state has that record in "
        "it already, which is called again");
  }
  sizes_ = {std::max(sizes_.requests, has_.requests), std::max(has_.responses, *ring)};
  discard();
  return std::nullopt;
}

Called ProcessCaller::called_by_answer() {
  Called called;
  called.filtered = answer_.filtered;
  called.fault = answer_.fault_kind;
  called.seconds = answer_.seconds;
  if (!answer_.failed) return called;
  cause_type_ = clipped(answer_.type);
  cause_message_ = clipped(answer_.message);
  if (answer_.fault) fault_ = *std::move(answer_.fault);
  called.cause = {cause_type_, cause_message_, answer_.fail_kind, answer_.fault ? &fault_ : nullptr, 0, answer_.called};
  return called;
}

// A process that has not said that it works on its first record may have been killed from outside before it did. But
// what it says is its own word: one that is always killed before is not called for ever.
ProcessCaller::MaybeCalled ProcessCaller::take_death() {
  const bool nonsense = process_->alive();
  const bool at_work = !sent_.empty() && process_->working_on() == sent_.front().number;
  const bool verdict = !sent_.empty() && is_first() && (at_work || nonsense || deaths_ + 1 >= kMostDeaths);
  ++deaths_;
  const ExitStatus status = bury();
  const std::string how = nonsense ? "wrote what is no answer" : describe(status);
  log_limited(LogLevel::kWarn, binding_->decl->name, "worker process",
              "a worker process of plugin " + binding_->image->identity.name + " " + how + "; another one goes on");
  if (!verdict) return std::nullopt;
  deaths_ = 0;
  const std::string message = "the worker process " + how + " while this record was being processed";
  if (nonsense || status.signal == SIGKILL || !status.known) return failed("Killed", message, FaultKind::kKilled);
  if (status.signal != 0) return failed(signal_name(status.signal), message, FaultKind::kSignal);
  return failed("Exit", message, FaultKind::kSignal);
}

Result<ProcessCaller::MaybeCalled> ProcessCaller::take_silence() {
  const Time now = std::chrono::steady_clock::now();
  if (stopping_()) {
    process_->request_stop();
    if (!stop_seen_) stop_seen_ = now;
    if (now - *stop_seen_ < kStopTime) return MaybeCalled();
    process_->end();
    discard();
    return Error{Code::kUnavailable, "the host stops, and the call did not end: it is repeated"};
  }
  const std::uint64_t owed = last_answered_ + 1;  // in order: whatever it says, that is what it works on
  if (owed != owed_) {
    owed_ = owed;
    owed_since_ = now;
  }
  const std::chrono::milliseconds timeout(binding_->settings.timeout_ms);
  const bool sent = owed != next_number_;  // else it makes no room for it
  if (sent && timeout.count() == 0) return MaybeCalled();
  if (now - owed_since_ < (sent ? timeout + kBeyondTimeout : kRoomTime)) return MaybeCalled();
  return take_lateness();
}

// A process that says that it is not in the call may have been stopped by an earlier one's doing, or have had no
// processor: that is believed once.
ProcessCaller::MaybeCalled ProcessCaller::take_lateness() {
  const bool mine = !sent_.empty() && sent_.front().number == owed_;
  const bool verdict = mine && (process_->working_on() == owed_ || (is_first() && deaths_ != 0));
  ++deaths_;
  bury();
  if (!verdict) return std::nullopt;
  deaths_ = 0;
  return failed("Timeout",
                "the call took longer than " + std::to_string(binding_->settings.timeout_ms) +
                    " ms, and its worker process was killed",
                FaultKind::kTimeout);
}

ProcessCaller::MaybeCalled ProcessCaller::too_large(std::uint64_t message) {
  return failed("RecordTooLarge",
                "a record or its outputs take " + std::to_string(message) +
                    " bytes on their way to a worker process or back; the limit is " + std::to_string(kLargestMessage),
                FaultKind::kException);
}

Called ProcessCaller::failed(std::string_view type, std::string message, FaultKind kind) {
  outputs_.clear();
  cause_type_ = type;
  cause_message_ = std::move(message);
  Called called;
  called.fault = kind;
  called.cause = {cause_type_, cause_message_, EDDY_FAIL_PLAIN, nullptr, 0, true};
  return called;
}

}  // namespace eddy::host
