// SPDX-License-Identifier: Apache-2.0
// One function with one instance, called as a worker of the host calls it.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "eddy/adapter.hpp"
#include "eddy/testing/host.hpp"

namespace eddy::testing {

class Function {
 public:
  // `config` is the function's configuration section, a JSON object. Names in `decl` are not kept.
  explicit Function(const eddy_function_decl& decl, std::string config = "{}")
      : decl_(decl), config_(std::move(config)) {}
  ~Function() {
    if (made_ && decl_.destroy != nullptr) decl_.destroy(decl_.user, instance_);
  }
  Function(const Function&) = delete;
  Function& operator=(const Function&) = delete;

  Outcome run(Input input) {
    const auto headers = to_headers(input.headers);
    const eddy_record record = to_record(input, headers);
    eddy_input abi{sizeof(eddy_input), 0, &record, nullptr, nullptr};
    inner::RowDecoder decoder;
    Outcome outcome;
    if (fit(input, decoder, abi, outcome)) outcome = process(abi, input.cancelled);
    outcome.input = std::move(input);
    return outcome;
  }
  Outcome run(std::string_view value) { return run(Input{.value = std::string(value)}); }
  Outcome run(const char* value) { return run(std::string_view(value)); }
  template <eddy::detail::Model T>
  Outcome run(const T& value) {
    inner::Call call;
    eddy_value row[eddy::detail::fields_of<T>.size()];
    eddy::detail::plugin_host = inner::host();
    eddy::detail::write_row(value, row, call.abi());
    return run(inner::encode_text(eddy::detail::model_of<T>, row));
  }

  // For a function over a dead letter queue.
  Outcome run(const Letter& letter) {
    const Input input{.value = letter.original, .key = letter.key, .headers = letter.headers};
    const auto headers = to_headers(input.headers);
    const eddy_record record = to_record(input, headers);
    const eddy_dead_letter abi = to_abi(letter);
    Outcome outcome = process({sizeof(eddy_input), 0, &record, nullptr, &abi}, false);
    outcome.input = input;
    return outcome;
  }

  // Makes the instance, unless there is one: how its constructor ended. The first run() does the same.
  Outcome create() {
    inner::Call call;
    if (made_) return call.end(EDDY_OK);
    std::uint32_t status = EDDY_OK;
    if (decl_.create != nullptr) {
      status = decl_.create(decl_.user, call.abi(), {config_.data(), config_.size()}, &instance_);
    }
    Outcome outcome = call.end(status);
    made_ = outcome.delivered();
    return outcome;
  }

 private:
  static std::vector<eddy_header> to_headers(const std::vector<HeaderText>& headers) {
    std::vector<eddy_header> result;
    for (const HeaderText& header : headers) {
      result.push_back({{header.name.data(), header.name.size()}, inner::to_str(header.value)});
    }
    return result;
  }

  static eddy_record to_record(const Input& input, const std::vector<eddy_header>& headers) {
    eddy_record record{};
    record.struct_size = sizeof record;
    record.partition = input.partition;
    record.offset = input.offset;
    record.timestamp_us = input.timestamp.microseconds;
    record.stream = eddy::detail::to_abi(input.stream);
    record.key = inner::to_str(input.key);
    record.value = inner::to_str(input.value);
    record.headers = headers.data();
    record.header_count = headers.size();
    return record;
  }

  static eddy_dead_letter to_abi(const Letter& letter) {
    using eddy::detail::to_abi;
    eddy_dead_letter abi{};
    abi.struct_size = sizeof abi;
    abi.attempts = letter.attempts;
    abi.hops = letter.hops;
    abi.origin_partition = letter.origin_partition;
    abi.origin_offset = letter.origin_offset;
    abi.failed_at_us = letter.failed_at.microseconds;
    abi.id = to_abi(letter.id);
    abi.fingerprint = to_abi(letter.fingerprint);
    abi.error_type = to_abi(letter.error_type);
    abi.error_message = to_abi(letter.error_message);
    abi.source = to_abi(letter.source);
    abi.function = to_abi(letter.function);
    abi.origin_stream = to_abi(letter.origin_stream);
    abi.original = inner::to_str(letter.original);
    return abi;
  }

  // What the host checks before it calls: false is a dead letter that the function never sees.
  bool fit(const Input& input, inner::RowDecoder& decoder, eddy_input& abi, Outcome& outcome) const {
    if (decl_.input != EDDY_INPUT_ROW && decl_.input != EDDY_INPUT_JSON) return true;
    outcome.error_type = "ParseError";
    if (!input.value) {
      outcome.error_message = "expected a JSON value, found a record without a value (a tombstone)";
      return false;
    }
    if (decl_.input == EDDY_INPUT_JSON) {
      outcome.error_message = "expected a JSON value, found bytes that are not JSON";
      return nlohmann::json::accept(*input.value);
    }
    abi.row = decoder.decode(*decl_.input_model, *input.value);
    abi.field_count = decl_.input_model->field_count;
    outcome.error_type = decoder.error_type();
    outcome.error_message = decoder.message();
    return abi.row != nullptr;
  }

  Outcome process(const eddy_input& input, bool cancelled) {
    if (Outcome made = create(); !made.delivered()) return made;
    inner::Call call(cancelled);
    return call.end(decl_.process(decl_.user, instance_, &input, call.abi()));
  }

  const eddy_function_decl decl_;
  const std::string config_;
  void* instance_ = nullptr;
  bool made_ = false;
};

namespace inner {

template <class Target>
eddy_function_decl declaration_of() {
  using Adapter = eddy::detail::Adapter<Target>;
  eddy::detail::plugin_host = host();
  eddy_function_decl decl{};
  decl.struct_size = sizeof decl;
  decl.input = Adapter::Input::kind;
  decl.input_model = Adapter::Input::model();
  decl.create = &Adapter::create;
  decl.destroy = &Adapter::destroy;
  decl.process = &Adapter::process;
  return decl;
}

}  // namespace inner

// F: a function, or a lambda without captures.
template <auto F>
Function function(std::string config = "{}") {
  return Function(inner::declaration_of<eddy::detail::FunctionTarget<F>>(), std::move(config));
}
// C: a class with operator().
template <class C>
Function function(std::string config = "{}") {
  return Function(inner::declaration_of<eddy::detail::ClassTarget<C>>(), std::move(config));
}

}  // namespace eddy::testing
