// SPDX-License-Identifier: Apache-2.0
// Sums of the counters of several workers.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "metrics/counters.h"

namespace eddy::host {

template <typename Times>
struct HistogramTotals {
  std::array<std::uint64_t, Times::kBounds.size() + 1> buckets{};
  double sum = 0;

  void add(const Histogram<Times>& histogram) {
    for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += histogram.bucket(i);
    sum += histogram.sum();
  }
  void add(const HistogramTotals& other) {
    for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += other.buckets[i];
    sum += other.sum;
  }
};

struct Totals {
  std::array<std::uint64_t, 3> outcomes{};
  std::array<std::uint64_t, 4> faults{};
  std::array<std::uint64_t, 3> recoveries{};
  std::array<std::uint64_t, 2> retries{}, dropped{};
  HistogramTotals<RecoveryTimes> recovery_seconds;
  HistogramTotals<CallTimes> call_seconds;
  std::uint64_t write_failures = 0, process_deaths = 0, process_backoffs = 0;
  std::map<std::string, std::uint64_t> dead_letters;  // by error type

  void add(const WorkerCounters& worker);
  void add(const Totals& other);
};

struct ApiTotals {
  explicit ApiTotals(const ApiCounters& api);

  std::array<std::uint64_t, 3> records{};
  std::map<int, std::uint64_t> requests;  // by status code
  HistogramTotals<CallTimes> seconds;
};

}  // namespace eddy::host
