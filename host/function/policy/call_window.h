// SPDX-License-Identifier: Apache-2.0
// The share of failed calls within the last while.
#pragma once

#include <array>
#include <cstdint>

namespace eddy::host {

// Successes are counted elsewhere, as one number that only grows, so that they cost an addition; they are read when
// something fails, and those since the last failure are taken as spread evenly over the time between. Not thread-safe.
class CallWindow {
 public:
  struct Share {
    double calls = 0;
    double failures = 0;
  };

  void reset(std::int64_t window_us, std::int64_t now_us, std::uint64_t successes);
  // A failure at this time, after so many successes in all; returns what is in the window, this failure included.
  Share failed(std::int64_t now_us, std::uint64_t successes);

 private:
  static constexpr std::size_t kSlices = 10;

  void move_to(std::int64_t slice, double successes);

  std::int64_t slice_us_ = 1;
  std::int64_t slice_ = 0;  // number of the youngest
  std::uint64_t successes_ = 0;
  std::array<Share, kSlices> slices_{};  // by number modulo their count
};

}  // namespace eddy::host
