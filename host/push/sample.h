// SPDX-License-Identifier: Apache-2.0
// One number for somebody who is sent the metrics.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace eddy::host::push {

struct Sample {
  enum class Kind : std::uint8_t {
    kCount,   // a counter: what it grew by since the last time
    kGauge,   // what it is
    kTimes,   // of a histogram: `times` values of about `value`
    kSum,     // of a histogram: what the sum of its values grew by
    kNumber,  // of a histogram: what the number of its values grew by
  };
  using Labels = std::vector<std::pair<std::string, std::string>>;  // without those that are empty

  Kind kind = Kind::kGauge;
  std::string name;  // without "eddy_" and "_total"
  Labels labels;
  double value = 0;
  std::uint64_t times = 1;
  std::string key{};  // what Deltas knows it by; empty: a gauge
};

}  // namespace eddy::host::push
