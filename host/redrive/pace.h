// SPDX-License-Identifier: Apache-2.0
// How many letters may be sent now: a rate, and no more than whoever takes them keeps up with.
#pragma once

#include <chrono>
#include <cstdint>

namespace eddy::host {

// A token bucket of half a second, so that the rate holds where a unit of work takes a while; drained by what still
// waits. Not thread-safe.
class Pace {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  // `rate` per second; 0: only the lag counts.
  Pace(std::uint32_t rate, Instant now);

  // The lag of the streams that are written to: sent, and not processed yet.
  void lag(std::uint64_t records) { lag_ = records; }
  std::uint64_t allowance(Instant now);
  void sent(std::uint64_t letters);
  // Until something may be sent again, if the lag allows it.
  std::chrono::milliseconds wait() const;

 private:
  const double rate_;
  const double most_at_once_;
  const std::uint64_t most_waiting_;
  double tokens_ = 0;
  Instant refilled_;
  std::uint64_t lag_ = 0;
};

}  // namespace eddy::host
