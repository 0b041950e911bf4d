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

Processor::Processor(ThreadGuard& guard, const Clock& clock) : guard_(guard), clock_(clock) {}

Result<void> Processor::bind(BindingPtr binding) {
  instance_.reset();
  poisoned_ = false;
  EDDY_ASSIGN(instance_, Instance::create(std::move(binding), guard_, call_));
  binding_ = &instance_->binding();
  return {};
}

Result<Outcome> Processor::run(const Record& record, std::uint32_t deaths, Session& session, UnitCounts& counts) {
  eddy_input input{};
  std::optional<Cause> cause = prepare(record, input);
  if (letter_ != nullptr && !letter_->returned_by.empty() && letter_->returned_by != binding_->decl->name) {
    counts.outcome(Outcome::kFiltered);  // it came back for another function over this queue
    return Outcome::kFiltered;
  }
  if (!cause && deaths >= binding_->settings.max_deaths) {
    counts.fault(FaultKind::kKilled);
    cause_message_ = "the process died " + std::to_string(deaths) +
                     " times while this record was being processed; it was not run again";
    cause = Cause{"Killed", cause_message_, nullptr, deaths};
  }
  bool filtered = false;
  if (!cause) {
    cause = call(input, counts, filtered);
    if (cause) cause->attempts += deaths;
  }
  return cause ? dead_letter(record, *cause, session, counts) : deliver(record, filtered, session, counts);
}

std::span<const Header> Processor::inherited(const Record& record) const {
  return letter_ != nullptr ? std::span<const Header>(letter_->headers) : record.headers;
}

std::optional<Processor::Cause> Processor::prepare(const Record& record, eddy_input& input) {
  letter_ = nullptr;
  decoder_.reset();
  abi_record_ = to_abi(record, binding_->decl->source);
  input.struct_size = sizeof input;
  input.record = &abi_record_;
  std::optional<Cause> cause = binding_->over_queue() ? prepare_letter(record, input) : prepare_value(record, input);
  const std::span<const Header> headers = inherited(record);
  abi_headers_.clear();
  for (const Header& header : headers) abi_headers_.push_back({header.name.abi(), header.value.abi()});
  abi_record_.headers = abi_headers_.data();
  abi_record_.header_count = abi_headers_.size();
  call_.start(Bytes(abi_record_.key), headers, record.timestamp_us);
  return cause;
}

std::optional<Processor::Cause> Processor::prepare_value(const Record& record, eddy_input& input) {
  const FunctionDecl& decl = *binding_->decl;
  if (decl.input == EDDY_INPUT_RECORD) return std::nullopt;
  if (record.value.null())
    return Cause{"ParseError", "expected a JSON value, found a record without a value (a tombstone)"};
  if (decl.input == EDDY_INPUT_JSON) {
    if (decoder_.is_json(record.value.view())) return std::nullopt;
    return Cause{"ParseError", "expected a JSON value, found bytes that are not JSON"};
  }
  ModelError error;
  input.row = decoder_.decode(*decl.input_model, record.value.view(), error);
  input.field_count = static_cast<std::uint32_t>(decl.input_model->fields().size());
  if (input.row != nullptr) return std::nullopt;
  cause_type_ = error.type();
  cause_message_ = error.message();
  return Cause{cause_type_, cause_message_};
}

std::optional<Processor::Cause> Processor::prepare_letter(const Record& record, eddy_input& input) {
  auto letter = reader_.read(record);
  if (!letter) {
    cause_message_ = letter.error().text;
    return Cause{"ParseError", cause_message_};
  }
  letter_ = *letter;
  abi_letter_ = to_abi(*letter_);
  abi_record_.key = letter_->key.abi();
  input.dead_letter = &abi_letter_;
  return std::nullopt;
}

std::optional<Processor::Cause> Processor::call(const eddy_input& input, UnitCounts& counts, bool& filtered) {
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
  if (!call_.failure.given) return Cause{"Error", "the function failed without a reason"};
  return Cause{call_.failure.type, call_.failure.message};
}

Processor::Cause Processor::fault_cause(Verdict verdict, UnitCounts& counts) {
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
  return {cause_type_, cause_message_, &fault_};
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

Result<Outcome> Processor::dead_letter(const Record& record, const Cause& cause, Session& session, UnitCounts& counts) {
  const FunctionDecl& decl = *binding_->decl;
  const PluginIdentity& plugin = binding_->image->identity;
  Failure failure;
  failure.error_type = cause.type;
  failure.error_message = cause.message;
  failure.function = decl.name;
  failure.plugin = plugin.name;
  failure.plugin_version = plugin.version;
  failure.plugin_build_id = plugin.build_id;
  failure.plugin_sha256 = plugin.sha256;
  failure.stream = decl.source;
  failure.failed_at_us = clock_.now_us();
  failure.attempts = cause.attempts;
  failure.fault = cause.fault;
  if (letter_ != nullptr) {
    const OutRecord& again = writer_.write_again(record, *letter_, failure, binding_->queue_options);
    EDDY_TRY(session.write(writer_.parked() ? binding_->parked_id : binding_->queue_id, again));
  } else {
    const OutRecord& first = writer_.write(record, failure, binding_->queue_options);
    // What is no dead letter at all would come back to this function for ever if it stayed in its queue.
    EDDY_TRY(session.write(binding_->over_queue() ? binding_->parked_id : binding_->queue_id, first));
  }
  counts.outcome(Outcome::kDeadLettered);
  counts.dead_letter(cause.type);
  if (binding_->recovers()) counts.recovery(Recovery::kFailed);
  return Outcome::kDeadLettered;
}

}  // namespace eddy::host
