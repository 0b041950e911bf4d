// SPDX-License-Identifier: Apache-2.0
#include "function/call.h"

#include <algorithm>
#include <iterator>
#include <new>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "model/encoder.h"
#include "model/record_key.h"

namespace eddy::host {

namespace {

constexpr std::size_t kMaxText = 64 << 10;  // of an error type or message

}  // namespace

void CallFailure::set(std::uint32_t new_kind, std::string_view new_type, std::string_view new_message) {
  given = true;
  kind = new_kind;
  type.assign(new_type.substr(0, kMaxText));
  message.assign(new_message.substr(0, kMaxText));
}

namespace {

const Model* find_model(const Manifest& manifest, const eddy_model* declaration) {
  for (const auto& [pointer, model] : manifest.models) {
    if (pointer == declaration) return model.get();
  }
  return nullptr;
}

uint32_t refuse_output(eddy_call& call, std::string_view type, const std::string& message) {
  if (!call.output_refused) call.failure.set(EDDY_FAIL_FATAL, type, message);
  call.output_refused = true;
  return EDDY_FAILED;
}

uint32_t refuse_size(eddy_call& call, const Destination& to, std::size_t size, std::size_t limit) {
  return refuse_output(call, "RecordTooLarge",
                       "an output for stream " + to.name + " has " + std::to_string(size) + " bytes; the limit is " +
                           std::to_string(limit));
}

// The key of an encoded output when the plugin gave none: the model's key field as text, else the input's key.
Bytes default_key(const eddy_call& call, const Model* model, const eddy_value* row, std::string& buffer) {
  if (model == nullptr) return call.input_key;
  return record_key(*model, row, buffer).value_or(call.input_key);
}

Staging::Output from_abi(const eddy_call& call, const eddy_output& output, StreamId to, std::vector<Header>& headers) {
  Staging::Output staged;
  staged.to = to;
  staged.key = Bytes(output.key);
  staged.inherit_headers = (output.flags & EDDY_OUTPUT_HEADERS) == 0;
  if (!staged.inherit_headers) {
    for (std::uint64_t i = 0; i < output.header_count; ++i) {
      headers.push_back({Bytes(output.headers[i].name), Bytes(output.headers[i].value)});
    }
    staged.headers = headers;
  }
  staged.timestamp_us = (output.flags & EDDY_OUTPUT_TIMESTAMP) != 0 ? output.timestamp_us : call.input_timestamp_us;
  if ((output.flags & EDDY_OUTPUT_PARTITION) != 0) staged.partition = output.partition;
  return staged;
}

// Size of everything but the value.
std::size_t frame_size(const eddy_call& call, const Staging::Output& staged) {
  return staged.key.size() + (staged.inherit_headers ? call.input_header_bytes : size_of(staged.headers));
}

uint32_t stage_row(eddy_call& call, const eddy_output& output, const Destination& to, Staging::Output staged) {
  const Model* model = find_model(call.binding->image->manifest, output.model);
  if (model == nullptr) return refuse_output(call, "OutputError", "an output has a model that was not declared");
  if (to.model != nullptr && to.model.get() != model && to.model->signature() != model->signature()) {
    return refuse_output(call, "OutputError",
                         "an output for stream " + to.name + " has another model: " + model->difference(*to.model));
  }
  if (!to.foreign_model.empty()) {
    return refuse_output(call, "OutputError",
                         "an output for stream " + to.name + " has another model: expected " + to.foreign_model +
                             ", found " + model->signature());
  }
  std::string& buffer = call.outputs.value_buffer();
  const std::size_t begin = buffer.size();
  if (const auto encoded = encode(*model, output.row, buffer); !encoded) {
    return refuse_output(call, "ValidationError", "an output for stream " + to.name + ": " + encoded.error().text);
  }
  std::string key_text;
  if ((output.flags & EDDY_OUTPUT_KEY) == 0) staged.key = default_key(call, model, output.row, key_text);
  const std::size_t size = buffer.size() - begin + frame_size(call, staged);
  if (size > to.max_record_bytes) return refuse_size(call, to, size, to.max_record_bytes);
  call.outputs.add_encoded(staged, begin);
  return EDDY_OK;
}

uint32_t stage_bytes(eddy_call& call, const eddy_output& output, const Destination& to, Staging::Output staged) {
  if ((output.flags & EDDY_OUTPUT_KEY) == 0) staged.key = call.input_key;
  const std::size_t size = output.value.size + frame_size(call, staged);
  if (size > to.max_record_bytes) return refuse_size(call, to, size, to.max_record_bytes);
  staged.value = Bytes(output.value);
  call.outputs.add(staged);
  return EDDY_OK;
}

// Of all outputs so far and this one, without its own bytes: those its stream limits.
std::size_t size_with(const eddy_call& call, const eddy_output& output) {
  const std::uint64_t given = (output.flags & EDDY_OUTPUT_HEADERS) != 0 ? output.header_count : 0;
  const std::size_t headers = call.output_headers + std::min<std::uint64_t>(given, call.binding->max_call_bytes);
  return call_bytes(call.outputs.bytes(), call.outputs.count() + 1, headers);
}

uint32_t emit(eddy_call* call, const eddy_output* output) {
  const HostScope scope;
  if (call->binding == nullptr) return EDDY_FAILED;
  const Destination* to = call->binding->destination(output->stream);
  if (to == nullptr) {
    return refuse_output(
        *call, "OutputError",
        output->stream.data == nullptr
            ? "an output names no stream, and the function has no destination"
            : "an output is for stream " + std::string(to_view(output->stream)) + ", which is not declared");
  }
  const std::size_t limit = call->binding->max_call_bytes;
  if (const std::size_t size = size_with(*call, *output); size > limit) {
    return refuse_output(
        *call, "RecordTooLarge",
        "the outputs of one call take " + std::to_string(size) + " bytes; the limit is " + std::to_string(limit));
  }
  if ((output->flags & EDDY_OUTPUT_PARTITION) != 0 && output->partition >= to->partitions) {
    return refuse_output(*call, "OutputError",
                         "an output is for partition " + std::to_string(output->partition) + " of stream " + to->name +
                             ", which has " + std::to_string(to->partitions));
  }
  std::vector<Header> headers;
  const Staging::Output staged = from_abi(*call, *output, to->id, headers);
  call->output_headers += headers.size();
  return output->model != nullptr ? stage_row(*call, *output, *to, staged) : stage_bytes(*call, *output, *to, staged);
}

void fail(eddy_call* call, uint32_t kind, eddy_str type, eddy_str message) {
  const HostScope scope;
  if (call->output_refused) return;  // the first cause wins
  call->failure.set(kind, to_view(type), to_view(message));
}

void* scratch(eddy_call* call, uint64_t size) {
  const HostScope scope;
  return call->scratch.allocate(size);
}

eddy_str keep(eddy_call& call, std::string_view text) {
  auto* copy = static_cast<char*>(call.scratch.allocate(text.size() + 1));
  if (copy == nullptr) return to_abi("out of memory");
  text.copy(copy, text.size());
  return {copy, text.size()};
}

uint32_t decode(eddy_call* call, const eddy_model* declaration, eddy_str json, const eddy_value** row, eddy_str* type,
                eddy_str* message) {
  const HostScope scope;
  const Model* model = call->binding != nullptr ? find_model(call->binding->image->manifest, declaration) : nullptr;
  if (model == nullptr) {
    *type = to_abi("ValidationError");
    *message = to_abi("the model was not declared");
    return EDDY_FAILED;
  }
  ModelError error;
  *row = call->decoder.decode_unpadded(*model, to_view(json), error);
  if (*row != nullptr) return EDDY_OK;
  *type = error.parse ? to_abi("ParseError") : to_abi("ValidationError");
  *message = keep(*call, error.message());
  return EDDY_FAILED;
}

uint32_t encode_row(eddy_call* call, const eddy_model* declaration, const eddy_value* row, eddy_str* json,
                    eddy_str* message) {
  const HostScope scope;
  const Model* model = call->binding != nullptr ? find_model(call->binding->image->manifest, declaration) : nullptr;
  if (model == nullptr) {
    *message = to_abi("the model was not declared");
    return EDDY_FAILED;
  }
  std::string text;
  if (const auto encoded = encode(*model, row, text); !encoded) {
    *message = keep(*call, encoded.error().text);
    return EDDY_FAILED;
  }
  *json = keep(*call, text);
  return EDDY_OK;
}

uint32_t cancelled(eddy_call* call) { return call->guard != nullptr && call->guard->cancelled() ? 1 : 0; }

void write_log(uint32_t level, eddy_str text) {
  const HostScope scope;
  static constexpr LogLevel kLevels[] = {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarn, LogLevel::kError};
  const LogLevel known = level < std::size(kLevels) ? kLevels[level] : LogLevel::kInfo;
  log_limited(known, "plugin", "plugin", to_view(text), 100);
}

int64_t now_us() { return SystemClock().now_us(); }

const void* extension(const char*) { return nullptr; }

// A bad pointer ends the call, and with it what the function hands over.
uint32_t write_state(eddy_call* call, eddy_str bytes) {
  const HostScope scope;
  if (call->state == nullptr || call->state_refused) return EDDY_FAILED;
  try {
    call->state_refused = bytes.size > kMaxStateBytes - call->state->size();
    if (!call->state_refused) call->state->append(bytes.data, bytes.size);
  } catch (const std::bad_alloc&) {
    call->state_refused = true;
  }
  return call->state_refused ? EDDY_FAILED : EDDY_OK;
}

}  // namespace

const eddy_host* host_table() {
  static constexpr eddy_host kTable = {
      sizeof(eddy_host), EDDY_ABI_MAJOR, EDDY_ABI_MINOR, emit,   fail,     scratch, decode,
      encode_row,        cancelled,      write_log,      now_us, extension};
  return &kTable;
}

const eddy_state_writer* state_writer() {
  static constexpr eddy_state_writer kTable = {sizeof(eddy_state_writer), 0, write_state};
  return &kTable;
}

}  // namespace eddy::host

void eddy_call::start(eddy::host::Bytes key, std::span<const eddy::host::Header> headers, std::int64_t timestamp_us) {
  input_key = key;
  input_timestamp_us = timestamp_us;
  input_header_bytes = size_of(headers);
  outputs.clear();
  output_headers = 0;
  failure.given = false;
  output_refused = false;
  scratch.reset();
  decoder.reset();
}
