// SPDX-License-Identifier: Apache-2.0
// What rate of letters is usual for a queue, and whether the current one is above it.
#pragma once

#include <cstdint>
#include <optional>

namespace eddy::host::webhook {

struct BaselineOptions {
  double factor = 3;
  double min_per_minute = 10;
  std::int64_t window_us = 60'000'000;
};

// Counts letters in windows of the time at which they failed. What is usual is the mean of the windows before: of all
// while they are few, then the older ones count less and less. Not thread-safe.
class Baseline {
 public:
  explicit Baseline(const BaselineOptions& options) : options_(options) {}

  struct Passed {
    std::int64_t window_start_us = 0;
    double rate = 0, usual = 0;  // per minute
  };
  // One more letter. A value: it is the one with which the rate of its window passes the limit. A letter older than the
  // window counts for nothing, and one from long ago, read late, is none to tell of.
  std::optional<Passed> add(std::int64_t failed_us, std::int64_t now_us);

 private:
  void roll(std::int64_t to);
  double per_minute(double count) const;

  const BaselineOptions options_;
  std::int64_t window_ = -1;  // number of the current one
  std::uint64_t count_ = 0;
  bool told_ = false;
  std::int64_t windows_ = 0;  // that have ended, at most kMemory
  double usual_ = 0;          // letters per window
};

}  // namespace eddy::host::webhook
