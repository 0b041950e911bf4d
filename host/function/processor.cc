// SPDX-License-Identifier: Apache-2.0
#include "function/processor.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "function/canary_caller.h"
#include "function/process/process_caller.h"
#include "function/thread_caller.h"

namespace eddy::host {

Processor::Processor(ThreadGuard& guard, const Clock& clock, FunctionPolicies& policies,
                     const WorkerProcesses* processes)
    : guard_(guard), clock_(clock), policies_(policies), processes_(processes), disposal_(clock, policies) {}

Result<std::unique_ptr<FunctionCaller>> Processor::make_caller(BindingPtr binding) {
  if (binding->placement == Placement::kThread || processes_ == nullptr) {
    EDDY_ASSIGN(auto caller, ThreadCaller::create(std::move(binding), guard_));
    return std::unique_ptr<FunctionCaller>(std::move(caller));
  }
  EDDY_ASSIGN(auto caller, ProcessCaller::create(std::move(binding), processes_->zygote, processes_->stopping));
  return std::unique_ptr<FunctionCaller>(std::move(caller));
}

Result<void> Processor::bind(BindingPtr binding) {
  unbind();
  state_faulted_ = false;
  EDDY_ASSIGN(caller_, binding->canary ? canary_caller(std::move(binding)) : set_up(std::move(binding)));
  state_.reset();  // handed over, or refused
  binding_ = &caller_->binding();
  disposal_.bind(*binding_);
  return {};
}

void Processor::unbind() {
  if (caller_ != nullptr) state_ = caller_->save();
  caller_.reset();
}

// What is refused, or faults, is gone: the function starts afresh.
Result<std::unique_ptr<FunctionCaller>> Processor::set_up(BindingPtr binding) {
  EDDY_ASSIGN(std::unique_ptr<FunctionCaller> caller, make_caller(binding));
  const FunctionDecl& decl = *binding->decl;
  if (!state_ || state_->plugin != binding->image->identity.name || state_->function != decl.name) return caller;
  const std::string what =
      "state of version " + std::to_string(state_->version) + ", " + std::to_string(state_->bytes.size()) + " bytes";
  if (decl.state.load == nullptr) {
    log(LogLevel::kInfo, decl.name, "starts afresh: this build takes over no " + what);
    return caller;
  }
  const Result<void> loaded = caller->load(*state_);
  if (loaded) {
    log(LogLevel::kDebug, decl.name, "took over " + what);
    return caller;
  }
  log(LogLevel::kWarn, decl.name, "starts afresh: it did not take over the " + what + ": " + loaded.error().text);
  if (!caller->poisoned()) {
    caller.reset();
    return make_caller(std::move(binding));
  }
  state_faulted_ = true;
  state_.reset();
  return Error{Code::kRefused,
               "function " + decl.name + " faulted when it took over a " + what + ": " + loaded.error().text};
}

// A new build that cannot be set up where its predecessor can stops nothing: it is told, and rolled back.
Result<std::unique_ptr<FunctionCaller>> Processor::canary_caller(BindingPtr binding) {
  auto fresh = make_caller(binding);
  auto stable = make_caller(binding->canary->stable);
  if (!stable) return fresh;
  if (!fresh) binding->canary->counts->refuse(fresh.error().text);
  auto both =
      std::make_unique<CanaryCaller>(std::move(binding), fresh ? *std::move(fresh) : nullptr, *std::move(stable));
  return std::unique_ptr<FunctionCaller>(std::move(both));
}

Result<Ending> Processor::run(const Task& task, Session& session, UnitCounts& counts) {
  letter_ = nullptr;
  if (!task.unreadable.empty()) {
    return disposal_.dispose(task, nullptr, {"ParseError", task.unreadable}, false, session, counts);
  }
  std::optional<FailureCause> cause;
  if (binding_->over_queue()) {
    EDDY_ASSIGN(cause, read_letter(task.record));
  }
  if (letter_ != nullptr && !letter_->returned_by.empty() && letter_->returned_by != binding_->decl->name) {
    counts.outcome(Outcome::kFiltered);  // it came back for another function over this queue
    return Ending::ended(Outcome::kFiltered);
  }
  if (!cause) cause = caller_->prepare(task, letter_);
  if (!cause) cause = killed(task, counts);
  if (cause) return disposal_.dispose(task, letter_of(task), *cause, false, session, counts);
  switch (policies_.breaker.admit()) {
    case Breaker::Gate::kCall:
      return call_and_route(task, false, session, counts);
    case Breaker::Gate::kProbe:
      return call_and_route(task, true, session, counts);
    case Breaker::Gate::kWait:
      return Ending::not_now(policies_.breaker.due_us());
    case Breaker::Gate::kFailFast:
      break;
  }
  cause_message_ = "not called: " + policies_.breaker.reason();
  return disposal_.dispose(task, letter_of(task), {"BreakerOpen", cause_message_}, false, session, counts);
}

std::optional<FailureCause> Processor::killed(const Task& task, UnitCounts& counts) {
  if (task.deaths < binding_->settings.max_deaths) return std::nullopt;
  counts.fault(FaultKind::kKilled);
  cause_message_ = "the process died " + std::to_string(task.deaths) +
                   " times while this record was being processed; it was not run again";
  FailureCause cause{"Killed", cause_message_};
  cause.attempts = task.record.attempts + task.deaths;
  return cause;
}

Result<Ending> Processor::call_and_route(const Task& task, bool probe, Session& session, UnitCounts& counts) {
  EDDY_ASSIGN(Called called, caller_->call());
  if (called.seconds != 0) counts.counters().call_seconds.observe(called.seconds, FunctionCaller::kTimeEvery);
  if (called.fault) counts.fault(*called.fault);
  if (called.process_deaths != 0) counts.counters().process_deaths.add(called.process_deaths);
  if (called.process_backoffs != 0) counts.counters().process_backoffs.add(called.process_backoffs);
  if (called.cause) {
    called.cause->attempts = called.cause->called ? task.record.attempts + task.deaths + 1 : 0;
    return disposal_.dispose(task, letter_of(task), *called.cause, probe, session, counts);
  }
  policies_.breaker.succeeded(probe);
  const auto outcome = deliver(task, called.filtered, session, counts);
  if (outcome) return Ending::ended(*outcome);
  // The session can be written, but never with this: a limit of the stream has changed, or it is about the record's
  // time.
  const Code code = outcome.error().code;
  if (code != Code::kTooLarge && code != Code::kBadData) return outcome.error();
  FailureCause refused{code == Code::kTooLarge ? "RecordTooLarge" : "OutputError", outcome.error().text,
                       EDDY_FAIL_FATAL};
  refused.attempts = task.record.attempts + task.deaths + 1;
  return disposal_.dispose(task, letter_of(task), refused, false, session, counts);
}

std::span<const Header> Processor::inherited(const Record& record) const {
  return letter_ != nullptr ? std::span<const Header>(letter_->headers) : record.headers;
}

// An error: its key is not at hand, and it waits until it is.
Result<std::optional<FailureCause>> Processor::read_letter(const Record& record) {
  auto letter = reader_.read(record);
  if (!letter && letter.error().code == Code::kConfig) return letter.error();
  if (!letter) {
    cause_message_ = letter.error().text;
    return std::optional(FailureCause{"ParseError", cause_message_});
  }
  letter_ = *letter;
  return std::optional<FailureCause>();
}

Result<Outcome> Processor::deliver(const Task& task, bool filtered, Session& session, UnitCounts& counts) {
  const FunctionDecl& decl = *binding_->decl;
  if (!filtered) {
    EDDY_TRY(caller_->outputs().write(session, inherited(task.record)));
    // A transform that emitted nothing has filtered its record, whatever it calls that.
    filtered = decl.kind != EDDY_FUNCTION_CONSUMER && caller_->outputs().empty();
  }
  const Outcome outcome = filtered ? Outcome::kFiltered : Outcome::kDelivered;
  counts.outcome(outcome);
  EDDY_TRY(tell_recovery(task, filtered, session, counts));
  return outcome;
}

// What a recovery function lets pass stays open: it may be another's. What the failed function passes over, once it was
// sent back, is done.
Result<void> Processor::tell_recovery(const Task& task, bool filtered, Session& session, UnitCounts& counts) {
  const DeadLetter* const letter = letter_of(task);
  if (letter == nullptr || (!binding_->recovers() && task.redriven == nullptr)) return {};
  counts.recovery(filtered ? Recovery::kSkipped : Recovery::kRecovered);
  if (filtered && task.redriven == nullptr) return {};
  const std::int64_t now = clock_.now_us();
  const std::int64_t after = std::max<std::int64_t>(0, now - letter->first_failure_us());
  if (!filtered) counts.recovered_after(static_cast<double>(after) * 1e-6);
  if (!binding_->states_id) return {};
  state_record_ = {.id = std::string(letter->id),
                   .queue = task.redriven != nullptr ? std::string(task.redriven->queue) : binding_->decl->source,
                   .state = LetterState::kRecovered,
                   .hops = letter->hops,
                   .at_us = now,
                   .by = binding_->decl->name,
                   .redrive = task.redriven != nullptr ? std::string(task.redriven->redrive) : std::string(),
                   .reason = filtered ? "filtered" : "",
                   .recovery_us = after};
  return session.write(*binding_->states_id, state_writer_.write(state_record_));
}

// What it is, or was sent back from; null: neither.
const DeadLetter* Processor::letter_of(const Task& task) const {
  return task.redriven != nullptr ? task.redriven->letter : letter_;
}

}  // namespace eddy::host
