// SPDX-License-Identifier: Apache-2.0
// The host's function table, over calls of the test program; its log and its clock.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "eddy/testing/call.hpp"

namespace eddy::testing {
namespace inner {

// 2024-05-01T12:00:00Z: what a function makes of the time is the same in every run.
inline std::atomic<std::int64_t>& clock_us() {
  static std::atomic<std::int64_t> us{1'714'564'800'000'000};
  return us;
}

// A plugin may log on a thread of its own.
struct Log {
  std::mutex mutex;
  std::vector<LogLine> lines;
};
inline Log& log() {
  static Log lines;
  return lines;
}

struct HostFunctions {
  static std::uint32_t emit(eddy_call* call, const eddy_output* output) { return Call::of(call).emit(*output); }
  static void fail(eddy_call* call, std::uint32_t kind, eddy_str type, eddy_str message) {
    Call::of(call).fail(kind, to_string(type), to_string(message));
  }
  static void* scratch(eddy_call* call, std::uint64_t size) { return Call::of(call).scratch(size); }
  static std::uint32_t decode(eddy_call* call, const eddy_model* model, eddy_str json, const eddy_value** row,
                              eddy_str* type, eddy_str* message) {
    RowDecoder& decoder = Call::of(call).decoder();
    *row = decoder.decode(*model, to_string(json));
    if (*row != nullptr) return EDDY_OK;
    *type = Call::of(call).keep(decoder.error_type());
    *message = Call::of(call).keep(decoder.message());
    return EDDY_FAILED;
  }
  static std::uint32_t encode(eddy_call* call, const eddy_model* model, const eddy_value* row, eddy_str* json,
                              eddy_str* message) {
    try {
      *json = Call::of(call).keep(encode_text(*model, row));
      return EDDY_OK;
    } catch (const std::invalid_argument& error) {
      *message = Call::of(call).keep(error.what());
      return EDDY_FAILED;
    }
  }
  static std::uint32_t cancelled(eddy_call* call) { return Call::of(call).cancelled() ? 1 : 0; }
  static void write_log(std::uint32_t level, eddy_str text) {
    const std::lock_guard lock(log().mutex);
    log().lines.push_back({level, to_string(text)});
  }
  static std::int64_t now_us() { return clock_us(); }
  static const void* extension(const char*) { return nullptr; }
};

inline const eddy_host* host() {
  using F = HostFunctions;
  static constexpr eddy_host kTable = {sizeof(eddy_host), EDDY_ABI_MAJOR, EDDY_ABI_MINOR, &F::emit,
                                       &F::fail,          &F::scratch,    &F::decode,     &F::encode,
                                       &F::cancelled,     &F::write_log,  &F::now_us,     &F::extension};
  return &kTable;
}

}  // namespace inner

// What eddy::now() says from now on.
inline void set_now(Timestamp time) { inner::clock_us() = time.microseconds; }

// Every line logged since the last forget_log_lines().
inline std::vector<LogLine> log_lines() {
  const std::lock_guard lock(inner::log().mutex);
  return inner::log().lines;
}
inline void forget_log_lines() {
  const std::lock_guard lock(inner::log().mutex);
  inner::log().lines.clear();
}

}  // namespace eddy::testing
