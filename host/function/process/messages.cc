// SPDX-License-Identifier: Apache-2.0
#include "function/process/messages.h"

#include <algorithm>
#include <limits>

#include "function/call.h"
#include "model/json_text.h"

namespace eddy::host {

namespace {

enum AnswerFlags : std::uint8_t { kFailed = 1, kWasCalled = 2, kFiltered = 4, kPoisoned = 8, kHasFault = 16 };
enum OutputFlags : std::uint8_t { kInheritHeaders = 1, kHasPartition = 2 };
constexpr std::uint8_t kNoFaultKind = 255;
constexpr std::uint32_t kMostFrames = 64;
constexpr std::size_t kMostFaultText = 16 << 10;  // of a name in it

void write_headers(WireWriter& to, std::span<const Header> headers) {
  to.value(static_cast<std::uint32_t>(headers.size()));
  for (const Header& header : headers) {
    to.bytes(header.name);
    to.bytes(header.value);
  }
}

// A count that is too large for what is left ends at the first header that is missing, and at the first above `most`.
void read_headers(WireReader& from, std::vector<Header>& headers, std::size_t most) {
  headers.clear();
  for (auto left = from.value<std::uint32_t>(); left != 0 && from.good() && headers.size() <= most; --left) {
    const Bytes name = from.bytes();
    headers.push_back({name.null() ? Bytes("") : name, from.bytes()});
  }
}

void write_fault(WireWriter& to, const LetterFault& fault) {
  to.text(fault.signal);
  to.value(fault.code);
  to.text(fault.address);
  to.value(static_cast<std::uint32_t>(std::min<std::size_t>(fault.frames.size(), kMostFrames)));
  for (std::size_t i = 0; i < fault.frames.size() && i < kMostFrames; ++i) {
    to.text(fault.frames[i].function);
    to.text(fault.frames[i].location);
    to.value(fault.frames[i].in_plugin);
  }
}

std::string_view read_short(WireReader& from) { return from.text().substr(0, kMostFaultText); }

LetterFault read_fault(WireReader& from) {
  LetterFault fault;
  fault.signal = read_short(from);
  fault.code = from.value<int>();
  fault.address = read_short(from);
  for (auto left = std::min(from.value<std::uint32_t>(), kMostFrames); left != 0 && from.good(); --left) {
    LetterFrame frame;
    frame.function = read_short(from);
    frame.location = read_short(from);
    frame.in_plugin = from.value<std::uint8_t>() != 0;
    fault.frames.push_back(std::move(frame));
  }
  return fault;
}

void write_output(WireWriter& to, const Staging::Output& output) {
  to.value(static_cast<std::uint32_t>(output.to));
  to.value(static_cast<std::uint8_t>((output.inherit_headers ? kInheritHeaders : 0) |
                                     (output.partition ? kHasPartition : 0)));
  to.value(output.partition.value_or(0));
  to.value(output.timestamp_us);
  to.bytes(output.key);
  to.bytes(output.value);
  write_headers(to, output.headers);
}

// What outputs are read into. Held to the limits of emit(): many small ones take more memory than they have bytes.
struct Reading {
  const Binding& binding;
  Staging& outputs;
  std::size_t headers_before = 0;
  std::vector<Header> headers{};  // of the one at hand

  bool has_room() const {
    return call_bytes(outputs.bytes(), outputs.count() + 1, headers_before + headers.size()) <= binding.max_call_bytes;
  }
};

bool read_output(WireReader& from, Reading& into) {
  Staging::Output output;
  const auto to = from.value<std::uint32_t>();
  const auto flags = from.value<std::uint8_t>();
  const auto partition = from.value<std::uint32_t>();
  output.timestamp_us = from.value<std::int64_t>();
  output.key = from.bytes();
  output.value = from.bytes();
  const std::size_t left = into.binding.max_call_bytes - call_bytes(0, 0, into.headers_before);
  read_headers(from, into.headers, left / call_bytes(0, 0, 1));
  if (!from.good() || to >= into.binding.destinations.size() || !into.has_room()) return false;
  const Destination& destination = into.binding.destinations[to];
  output.to = destination.id;
  output.inherit_headers = (flags & kInheritHeaders) != 0;
  output.headers = into.headers;
  if ((flags & kHasPartition) != 0) output.partition = partition;
  if (output.partition && *output.partition >= destination.partitions) return false;
  const std::size_t size = output.key.size() + output.value.size() + size_of(output.headers);
  if (size > destination.max_record_bytes) return false;
  into.headers_before += into.headers.size();
  into.outputs.add(output);
  return true;
}

}  // namespace

void write_record(WireWriter& to, const RecordRequest& request) {
  to.value(RequestKind::kRecord);
  to.value(request.number);
  to.value(request.record.partition);
  to.value(request.record.offset);
  to.value(request.record.timestamp_us);
  to.text(request.stream);
  to.bytes(request.record.key);
  to.bytes(request.record.value);
  write_headers(to, request.record.headers);
  to.skip(kJsonPadding);  // what follows the value is readable, as Session::poll promises
}

bool read_record(WireReader& from, RecordRequest& request, std::vector<Header>& headers) {
  request.number = from.value<std::uint64_t>();
  request.record.partition = from.value<std::uint32_t>();
  request.record.offset = from.value<std::int64_t>();
  request.record.timestamp_us = from.value<std::int64_t>();
  request.stream = from.text();
  request.record.key = from.bytes();
  request.record.value = from.bytes();
  read_headers(from, headers, std::numeric_limits<std::uint32_t>::max());  // the host's own word
  request.record.headers = headers;
  return from.good();
}

void write_answer(WireWriter& to, std::uint64_t number, const Called& called, bool poisoned, Staging& outputs) {
  const FailureCause* const cause = called.cause ? &*called.cause : nullptr;
  const bool has_fault = cause != nullptr && cause->fault != nullptr;
  to.value(AnswerKind::kCalled);
  to.value(number);
  to.value(static_cast<std::uint8_t>(
      (cause != nullptr ? kFailed : 0) | (cause == nullptr || cause->called ? kWasCalled : 0) |
      (called.filtered ? kFiltered : 0) | (poisoned ? kPoisoned : 0) | (has_fault ? kHasFault : 0)));
  to.value(called.fault ? static_cast<std::uint8_t>(*called.fault) : kNoFaultKind);
  to.value(called.seconds);
  if (cause != nullptr) {
    to.value(cause->kind);
    to.text(cause->type);
    to.text(cause->message);
    if (has_fault) write_fault(to, *cause->fault);
    return;  // its outputs are dropped
  }
  to.value(static_cast<std::uint32_t>(outputs.count()));
  for (std::size_t i = 0; i < outputs.count(); ++i) write_output(to, outputs.at(i));
}

namespace {

bool read_failure(WireReader& from, std::uint8_t flags, Answer& answer) {
  answer.fail_kind = from.value<std::uint32_t>();
  answer.type = from.text();
  answer.message = from.text();
  if ((flags & kHasFault) != 0) answer.fault = read_fault(from);
  return from.good();
}

bool read_called(WireReader& from, const Binding& binding, Answer& answer, Staging& outputs) {
  const auto flags = from.value<std::uint8_t>();
  answer.failed = (flags & kFailed) != 0;
  answer.called = (flags & kWasCalled) != 0;
  answer.filtered = (flags & kFiltered) != 0;
  answer.poisoned = (flags & kPoisoned) != 0;
  const auto kind = from.value<std::uint8_t>();
  if (kind <= static_cast<std::uint8_t>(FaultKind::kKilled)) answer.fault_kind = static_cast<FaultKind>(kind);
  answer.seconds = from.value<double>();
  if (answer.failed) return read_failure(from, flags, answer);
  Reading into{binding, outputs};
  for (auto left = from.value<std::uint32_t>(); left != 0; --left) {
    if (!read_output(from, into)) return false;
  }
  return from.good();
}

}  // namespace

bool read_answer(WireReader& from, const Binding& binding, Answer& answer, Staging& outputs) {
  answer = {};
  outputs.clear();
  answer.kind = from.value<AnswerKind>();
  answer.number = from.value<std::uint64_t>();
  switch (answer.kind) {
    case AnswerKind::kReady:
      return from.good();
    case AnswerKind::kNotReady:
    case AnswerKind::kLoaded:
      answer.message = from.text();
      return from.good();
    case AnswerKind::kTooLarge:
      answer.size = from.value<std::uint64_t>();
      return from.good();
    case AnswerKind::kState:
      answer.has_state = from.value<std::uint8_t>() != 0;
      answer.state_version = from.value<std::uint32_t>();
      answer.state = from.text();
      return from.good() && answer.state.size() <= kMaxStateBytes;
    case AnswerKind::kCalled:
      return read_called(from, binding, answer, outputs);
  }
  return false;
}

}  // namespace eddy::host
