// SPDX-License-Identifier: Apache-2.0
// A clock that moves only when a test says so.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace eddy::host::test {

// Thread-safe. Both times move together, but for a wall clock that is set back.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(std::int64_t now_us = 1'800'000'000'000'000) : now_us_(now_us) {}

  std::int64_t now_us() const override { return now_us_.load() - set_back_us_.load(); }
  std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::time_point(std::chrono::microseconds(now_us_.load()));
  }
  void advance(std::chrono::microseconds time) { now_us_ += time.count(); }
  void set_wall_clock_back(std::chrono::microseconds by) { set_back_us_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_us_;
  std::atomic<std::int64_t> set_back_us_{0};
};

}  // namespace eddy::host::test
