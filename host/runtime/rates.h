// SPDX-License-Identifier: Apache-2.0
// How fast things go: counters of now against those of a minute ago.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <string>

#include "metrics/metrics.h"

namespace eddy::host {

struct Rate {
  double delivered = 0, filtered = 0, dead_lettered = 0;  // per second
};

// Thread-safe.
class Rates {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kWindow{60};
  static constexpr std::chrono::seconds kEvery{5};

  // Takes a sample, if the last one is old enough. True when it did.
  bool due(Time now) const;
  void sample(Time now, ProcessedByName counts);

  // Between `now` and the oldest sample of the window; what was not there then began at 0. Empty before the first one.
  std::map<std::string, Rate> over_window(Time now, const ProcessedByName& counts) const;

 private:
  struct Sample {
    Time at;
    ProcessedByName counts;
  };
  mutable std::mutex mutex_;
  std::deque<Sample> samples_;  // the oldest first; one of them older than the window
};

}  // namespace eddy::host
