// SPDX-License-Identifier: Apache-2.0
// How often a line of one kind may be written. Time is given, so that tests need not wait.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace eddy::host {

// Not thread-safe.
class LogLimiter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // May a line of `key` be written now? None: no, and it is counted. Else how many were left out since the last one
  // that was. At most `burst` lines in a second.
  std::optional<std::uint64_t> pass(std::string_view key, std::uint32_t burst, Time now);

 private:
  static constexpr std::size_t kMaxKeys = 4096;
  struct Window {
    Time begin;
    std::uint32_t lines = 0;
    std::uint64_t left_out = 0;
  };
  void make_room(Time now);

  std::unordered_map<std::string, Window> windows_;
};

}  // namespace eddy::host
