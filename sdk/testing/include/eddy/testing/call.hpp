// SPDX-License-Identifier: Apache-2.0
// The host's side of one call: what a function asks of it, and what it gives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "eddy/abi.h"
#include "eddy/errors.hpp"
#include "eddy/testing/encode.hpp"
#include "eddy/testing/outcome.hpp"

namespace eddy::testing {

struct LogLine {
  std::uint32_t level;  // EDDY_LOG_*
  std::string text;
};

namespace inner {

inline Text to_text(eddy_str str) {
  return str.data == nullptr ? Text() : Text(std::string(str.data, static_cast<std::size_t>(str.size)));
}
inline eddy_str to_str(const Text& text) { return text ? eddy_str{text->data(), text->size()} : eddy_str{nullptr, 0}; }
inline std::string to_string(eddy_str str) { return to_text(str).value_or(""); }

class Call {
 public:
  explicit Call(bool cancelled = false) : cancelled_(cancelled) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  static Call& of(eddy_call* call) { return *reinterpret_cast<Call*>(call); }
  eddy_call* abi() { return reinterpret_cast<eddy_call*>(this); }

  bool cancelled() const { return cancelled_; }

  std::uint32_t emit(const eddy_output& output) {
    Output kept;
    kept.stream = to_text(output.stream);
    try {
      kept.value = output.model != nullptr ? encode_text(*output.model, output.row) : to_text(output.value);
    } catch (const std::invalid_argument& error) {
      fail(EDDY_FAIL_FATAL, "ValidationError", error.what());
      broken_ = true;
      return EDDY_FAILED;
    }
    keep_facts(output, kept);
    outcome_.outputs.push_back(std::move(kept));
    return EDDY_OK;
  }

  void fail(std::uint32_t kind, std::string type, std::string message) {
    if (broken_) return;
    outcome_.fail_kind = kind <= EDDY_FAIL_DEPENDENCY_DOWN ? static_cast<FailKind>(kind) : FailKind::plain;
    outcome_.error_type = std::move(type);
    outcome_.error_message = std::move(message);
  }

  void* scratch(std::uint64_t size) {
    return memory_.emplace_back(static_cast<std::size_t>(size) / sizeof(std::max_align_t) + 1).data();
  }
  eddy_str keep(const std::string& text) {
    const std::string& kept = texts_.emplace_back(text);
    return {kept.data(), kept.size()};
  }

  RowDecoder& decoder() { return decoder_; }

  // What a call that returned `status` ends in.
  Outcome end(std::uint32_t status) {
    outcome_.status = broken_ || status > EDDY_FILTERED ? std::uint32_t{EDDY_FAILED} : status;
    if (!outcome_.delivered()) outcome_.outputs.clear();
    if (!outcome_.dead_lettered()) {
      outcome_.error_type.clear();
      outcome_.error_message.clear();
    } else if (outcome_.error_type.empty()) {
      fail(EDDY_FAIL_PLAIN, "Error", "the function failed without a reason");
    }
    return std::move(outcome_);
  }

 private:
  static void keep_facts(const eddy_output& output, Output& kept) {
    kept.key_given = (output.flags & EDDY_OUTPUT_KEY) != 0;
    if (kept.key_given) kept.key = to_text(output.key);
    if ((output.flags & EDDY_OUTPUT_HEADERS) != 0) {
      auto& headers = kept.headers.emplace();
      for (std::uint64_t i = 0; i < output.header_count; ++i) {
        headers.push_back({to_string(output.headers[i].name), to_text(output.headers[i].value)});
      }
    }
    if ((output.flags & EDDY_OUTPUT_TIMESTAMP) != 0) kept.timestamp = Timestamp(output.timestamp_us);
    if ((output.flags & EDDY_OUTPUT_PARTITION) != 0) kept.partition = output.partition;
  }

  const bool cancelled_;
  bool broken_ = false;  // an output could not be written
  Outcome outcome_;
  RowDecoder decoder_;
  std::deque<std::vector<std::max_align_t>> memory_;
  std::deque<std::string> texts_;
};

}  // namespace inner
}  // namespace eddy::testing
