// SPDX-License-Identifier: Apache-2.0
#include "function/thread_caller.h"

#include <fmt/format.h>

#include <chrono>

#include "base/log.h"
#include "guard/symbolise.h"

namespace eddy::host {

namespace {

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

Result<std::unique_ptr<ThreadCaller>> ThreadCaller::create(BindingPtr binding, ThreadGuard& guard) {
  if (binding->decl->code.process == nullptr) {
    return Error{Code::kUnavailable, "function " + binding->decl->name + ": its plugin's code is not in this process"};
  }
  std::unique_ptr<ThreadCaller> caller(new ThreadCaller(std::move(binding), guard));
  EDDY_ASSIGN(caller->instance_, Instance::create(caller->binding_, guard, caller->call_));
  return caller;
}

std::optional<FunctionState> ThreadCaller::save() {
  const FunctionDecl& decl = *binding_->decl;
  const Image& image = *binding_->image;
  if (decl.state.save == nullptr || image.poisoned.load(std::memory_order_acquire)) return std::nullopt;
  Result<std::string> bytes = instance_->save();
  poisoned_ = image.poisoned.load(std::memory_order_acquire);
  if (bytes) return FunctionState{image.identity.name, decl.name, decl.state.version, *std::move(bytes)};
  log(LogLevel::kWarn, decl.name, "hands over no state, a new instance starts afresh: " + bytes.error().text);
  return std::nullopt;
}

Result<void> ThreadCaller::load(const FunctionState& state) {
  const Result<void> loaded = instance_->load(state.version, state.bytes);
  poisoned_ = binding_->image->poisoned.load(std::memory_order_acquire);
  return loaded;
}

std::optional<FailureCause> ThreadCaller::prepare(const Task& task, const DeadLetter* letter) {
  const Record& record = task.record;
  decoder_.reset();
  record_ = to_abi(record, task.origin.stream);
  input_ = {};
  input_.struct_size = sizeof input_;
  input_.record = &record_;
  std::optional<FailureCause> cause;
  if (letter != nullptr) {
    letter_ = to_abi(*letter);
    record_.key = letter->key.abi();
    input_.dead_letter = &letter_;
  } else {
    cause = prepare_value(record);
  }
  const std::span<const Header> inherited =
      letter != nullptr ? std::span<const Header>(letter->headers) : record.headers;
  headers_.clear();
  for (const Header& header : inherited) headers_.push_back({header.name.abi(), header.value.abi()});
  record_.headers = headers_.data();
  record_.header_count = headers_.size();
  call_.start(Bytes(record_.key), inherited, record.timestamp_us);
  return cause;
}

std::optional<FailureCause> ThreadCaller::prepare_value(const Record& record) {
  const FunctionDecl& decl = *binding_->decl;
  if (decl.input == EDDY_INPUT_RECORD) return std::nullopt;
  if (record.value.null())
    return FailureCause{"ParseError", "expected a JSON value, found a record without a value (a tombstone)"};
  if (decl.input == EDDY_INPUT_JSON) {
    if (decoder_.is_json(record.value.view())) return std::nullopt;
    return FailureCause{"ParseError", "expected a JSON value, found bytes that are not JSON"};
  }
  ModelError error;
  input_.row = decoder_.decode(*decl.input_model, record.value.view(), error);
  input_.field_count = static_cast<std::uint32_t>(decl.input_model->fields().size());
  if (input_.row != nullptr) return std::nullopt;
  cause_type_ = error.type();
  cause_message_ = error.message();
  return FailureCause{cause_type_, cause_message_};
}

CallResult ThreadCaller::timed_process(Called& called) {
  if (until_timed_-- != 0) return instance_->process(input_);
  until_timed_ = kTimeEvery - 1;
  const auto start = std::chrono::steady_clock::now();
  const CallResult result = instance_->process(input_);
  called.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

Result<Called> ThreadCaller::call() {
  Called called;
  const CallResult result = timed_process(called);
  if (result.verdict != Verdict::kReturned) {
    poisoned_ = result.poisons();
    set_fault(result.verdict, called);
  } else {
    called.filtered = result.status == EDDY_FILTERED;
    if ((result.status == EDDY_OK || called.filtered) && !call_.output_refused) return called;
    called.fault = FaultKind::kException;
    called.cause = call_.failure.given ? FailureCause{call_.failure.type, call_.failure.message, call_.failure.kind}
                                       : FailureCause{"Error", "the function failed without a reason"};
  }
  called.cause->called = true;
  return called;
}

void ThreadCaller::set_fault(Verdict verdict, Called& called) {
  const Fault& fault = guard_.fault();
  cause_message_ = describe(verdict, fault, binding_->settings.timeout_ms, binding_->image->code);
  if (verdict == Verdict::kException) {
    called.fault = FaultKind::kException;
    cause_type_ = fault.exception_type;
    cause_message_ = fault.exception_message;
    called.cause = {cause_type_, cause_message_};
    return;
  }
  called.fault = verdict == Verdict::kTimeout ? FaultKind::kTimeout : FaultKind::kSignal;
  cause_type_ = verdict == Verdict::kTimeout ? "Timeout"
                : verdict == Verdict::kExit  ? "Exit"
                                             : signal_name(fault.signal);
  fault_ = to_letter_fault(fault, binding_->image->code);
  called.cause = {cause_type_, cause_message_, EDDY_FAIL_PLAIN, &fault_};
}

}  // namespace eddy::host
