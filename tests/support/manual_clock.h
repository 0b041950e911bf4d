// SPDX-License-Identifier: Apache-2.0
// A clock that moves only when a test says so.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace eddy::host::test {

// Thread-safe. Both times move together.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(std::int64_t now_us = 1'800'000'000'000'000) : now_us_(now_us) {}

  std::int64_t now_us() const override { return now_us_.load(); }
  std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::time_point(std::chrono::microseconds(now_us_.load()));
  }
  void advance(std::chrono::microseconds time) { now_us_ += time.count(); }

 private:
  std::atomic<std::int64_t> now_us_;
};

}  // namespace eddy::host::test
