// SPDX-License-Identifier: Apache-2.0
#include "function/processor.h"

#include <fmt/format.h>

#include <chrono>

#include "guard/symbolise.h"

namespace eddy::host {

namespace {

constexpr std::uint32_t kTimeEvery = 16;  // calls; timing each would cost more than the guard

eddy_record to_abi(const Record& record, std::string_view stream) {
  eddy_record out{};
  out.struct_size = sizeof out;
  out.partition = record.partition;
  out.offset = record.offset;
  out.timestamp_us = record.timestamp_us;
  out.stream = host::to_abi(stream);
  out.key = record.key.abi();
  out.value = record.value.abi();
  return out;
}

eddy_dead_letter to_abi(const DeadLetter& letter) {
  eddy_dead_letter out{};
  out.struct_size = sizeof out;
  out.attempts = letter.attempts;
  out.hops = letter.hops;
  out.origin_partition = letter.origin_partition;
  out.origin_offset = letter.origin_offset;
  out.failed_at_us = letter.failed_at_us;
  out.id = host::to_abi(letter.id);
  out.fingerprint = host::to_abi(letter.fingerprint);
  out.error_type = host::to_abi(letter.error_type);
  out.error_message = host::to_abi(letter.error_message);
  out.source = host::to_abi(letter.source);
  out.function = host::to_abi(letter.function);
  out.origin_stream = host::to_abi(letter.origin_stream);
  out.original = letter.original.abi();
  return out;
}

LetterFault to_letter_fault(const Fault& fault, const CodeRange& image) {
  LetterFault out;
  out.signal = fault.signal != 0 ? signal_name(fault.signal) : fault.exit_name;
  out.code = fault.code;
  out.address = module_offset(fault.pc);
  for (const Frame& frame : symbolise(fault, image)) {
    std::string location = fmt::format("{}+{:#x}", frame.module, frame.offset);
    if (!frame.file.empty()) location += " (" + frame.file + ":" + std::to_string(frame.line) + ")";
    out.frames.push_back({frame.function, std::move(location), frame.in_image});
  }
  return out;
}

}  // namespace

Processor::Processor(ThreadGuard& guard, const Clock& clock, FunctionPolicies& policies)
    : guard_(guard), clock_(clock), policies_(policies), disposal_(clock, policies) {}

Result<void> Processor::bind(BindingPtr binding) {
  instance_.reset();
  poisoned_ = false;
  EDDY_ASSIGN(instance_, Instance::create(std::move(binding), guard_, call_));
  binding_ = &instance_->binding();
  disposal_.bind(*binding_);
  return {};
}

Result<Ending> Processor::run(const Task& task, Session& session, UnitCounts& counts) {
  eddy_input input{};
  std::optional<FailureCause> cause = prepare(task, input);
  if (letter_ != nullptr && !letter_->returned_by.empty() && letter_->returned_by != binding_->decl->name) {
    counts.outcome(Outcome::kFiltered);  // it came back for another function over this queue
    return Ending::ended(Outcome::kFiltered);
  }
  if (!cause) cause = killed(task, counts);
  if (cause) return disposal_.dispose(task, letter_, *cause, false, session, counts);
  switch (policies_.breaker.admit()) {
    case Breaker::Gate::kCall:
      return call_and_route(task, input, false, session, counts);
    case Breaker::Gate::kProbe:
      return call_and_route(task, input, true, session, counts);
    case Breaker::Gate::kWait:
      return Ending::not_now(policies_.breaker.due_us());
    case Breaker::Gate::kFailFast:
      break;
  }
  cause_message_ = "not called: " + policies_.breaker.reason();
  return disposal_.dispose(task, letter_, {"BreakerOpen", cause_message_}, false, session, counts);
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

Result<Ending> Processor::call_and_route(const Task& task, const eddy_input& input, bool probe, Session& session,
                                         UnitCounts& counts) {
  bool filtered = false;
  std::optional<FailureCause> cause = call(input, counts, filtered);
  if (cause) {
    cause->called = true;
    cause->attempts = task.record.attempts + task.deaths + 1;
    return disposal_.dispose(task, letter_, *cause, probe, session, counts);
  }
  policies_.breaker.succeeded(probe);
  const auto outcome = deliver(task.record, filtered, session, counts);
  if (outcome) return Ending::ended(*outcome);
  // The session can be written, but never with this: a limit of the stream has changed, or it is about the record's
  // time.
  const Code code = outcome.error().code;
  if (code != Code::kTooLarge && code != Code::kBadData) return outcome.error();
  FailureCause refused{code == Code::kTooLarge ? "RecordTooLarge" : "OutputError", outcome.error().text,
                       EDDY_FAIL_FATAL};
  refused.attempts = task.record.attempts + task.deaths + 1;
  return disposal_.dispose(task, letter_, refused, false, session, counts);
}

std::span<const Header> Processor::inherited(const Record& record) const {
  return letter_ != nullptr ? std::span<const Header>(letter_->headers) : record.headers;
}

std::optional<FailureCause> Processor::prepare(const Task& task, eddy_input& input) {
  const Record& record = task.record;
  letter_ = nullptr;
  decoder_.reset();
  abi_record_ = to_abi(record, task.origin.stream);
  input.struct_size = sizeof input;
  input.record = &abi_record_;
  std::optional<FailureCause> cause =
      binding_->over_queue() ? prepare_letter(record, input) : prepare_value(record, input);
  const std::span<const Header> headers = inherited(record);
  abi_headers_.clear();
  for (const Header& header : headers) abi_headers_.push_back({header.name.abi(), header.value.abi()});
  abi_record_.headers = abi_headers_.data();
  abi_record_.header_count = abi_headers_.size();
  call_.start(Bytes(abi_record_.key), headers, record.timestamp_us);
  return cause;
}

std::optional<FailureCause> Processor::prepare_value(const Record& record, eddy_input& input) {
  const FunctionDecl& decl = *binding_->decl;
  if (decl.input == EDDY_INPUT_RECORD) return std::nullopt;
  if (record.value.null())
    return FailureCause{"ParseError", "expected a JSON value, found a record without a value (a tombstone)"};
  if (decl.input == EDDY_INPUT_JSON) {
    if (decoder_.is_json(record.value.view())) return std::nullopt;
    return FailureCause{"ParseError", "expected a JSON value, found bytes that are not JSON"};
  }
  ModelError error;
  input.row = decoder_.decode(*decl.input_model, record.value.view(), error);
  input.field_count = static_cast<std::uint32_t>(decl.input_model->fields().size());
  if (input.row != nullptr) return std::nullopt;
  cause_type_ = error.type();
  cause_message_ = error.message();
  return FailureCause{cause_type_, cause_message_};
}

std::optional<FailureCause> Processor::prepare_letter(const Record& record, eddy_input& input) {
  auto letter = reader_.read(record);
  if (!letter) {
    cause_message_ = letter.error().text;
    return FailureCause{"ParseError", cause_message_};
  }
  letter_ = *letter;
  abi_letter_ = to_abi(*letter_);
  abi_record_.key = letter_->key.abi();
  input.dead_letter = &abi_letter_;
  return std::nullopt;
}

std::optional<FailureCause> Processor::call(const eddy_input& input, UnitCounts& counts, bool& filtered) {
  CallResult result;
  if (until_timed_-- == 0) {
    until_timed_ = kTimeEvery - 1;
    const auto start = std::chrono::steady_clock::now();
    result = instance_->process(input);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    counts.counters().call_seconds.observe(took.count(), kTimeEvery);
  } else {
    result = instance_->process(input);
  }
  if (result.verdict != Verdict::kReturned) {
    poisoned_ = result.poisons();
    return fault_cause(result.verdict, counts);
  }
  filtered = result.status == EDDY_FILTERED;
  if ((result.status == EDDY_OK || filtered) && !call_.output_refused) return std::nullopt;
  counts.fault(FaultKind::kException);
  if (!call_.failure.given) return FailureCause{"Error", "the function failed without a reason"};
  return FailureCause{call_.failure.type, call_.failure.message, call_.failure.kind};
}

FailureCause Processor::fault_cause(Verdict verdict, UnitCounts& counts) {
  const Fault& fault = guard_.fault();
  cause_message_ = describe(verdict, fault, binding_->settings.timeout_ms, binding_->image->code);
  if (verdict == Verdict::kException) {
    counts.fault(FaultKind::kException);
    cause_type_ = fault.exception_type;
    cause_message_ = fault.exception_message;
    return {cause_type_, cause_message_};
  }
  counts.fault(verdict == Verdict::kTimeout ? FaultKind::kTimeout : FaultKind::kSignal);
  cause_type_ = verdict == Verdict::kTimeout ? "Timeout"
                : verdict == Verdict::kExit  ? "Exit"
                                             : signal_name(fault.signal);
  fault_ = to_letter_fault(fault, binding_->image->code);
  return {cause_type_, cause_message_, EDDY_FAIL_PLAIN, &fault_};
}

Result<Outcome> Processor::deliver(const Record& record, bool filtered, Session& session, UnitCounts& counts) {
  const FunctionDecl& decl = *binding_->decl;
  if (!filtered) {
    EDDY_TRY(call_.outputs.write(session, inherited(record)));
    // A transform that emitted nothing has filtered its record, whatever it calls that.
    filtered = decl.kind != EDDY_FUNCTION_CONSUMER && call_.outputs.empty();
  }
  const Outcome outcome = filtered ? Outcome::kFiltered : Outcome::kDelivered;
  counts.outcome(outcome);
  if (binding_->recovers() && letter_ != nullptr) {
    counts.recovery(filtered ? Recovery::kSkipped : Recovery::kRecovered);
    if (!filtered) counts.recovered_after(static_cast<double>(clock_.now_us() - letter_->failed_at_us) * 1e-6);
  }
  return outcome;
}

}  // namespace eddy::host
