// SPDX-License-Identifier: Apache-2.0
// Time as a dependency, so that tests can hold it still.
#pragma once

#include <chrono>
#include <cstdint>

namespace eddy::host {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::int64_t now_us() const = 0;                           // wall clock, microseconds since 1970
  virtual std::chrono::steady_clock::time_point steady() const = 0;  // for intervals
};

class SystemClock final : public Clock {
 public:
  std::int64_t now_us() const override {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  std::chrono::steady_clock::time_point steady() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace eddy::host
