// SPDX-License-Identifier: Apache-2.0
// From counters that only grow to what they grew by, for receivers that add up themselves.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "push/sample.h"

namespace eddy::host::push {

// How the values of a histogram are told.
enum class Histograms : std::uint8_t {
  kValues,   // kTimes for each bucket, with the middle of the bucket
  kSummary,  // kSum and kNumber
};

// Not thread-safe.
class Deltas {
 public:
  explicit Deltas(Histograms histograms) : histograms_(histograms) {}

  // What to send of a snapshot: every gauge, what grew, and each counter once with 0 so that it is known. What is
  // returned counts as sent.
  std::vector<Sample> take(const std::vector<prometheus::MetricFamily>& families);

  // It was not sent after all: it is in what take() returns the next time.
  void give_back(const Sample& sample);

 private:
  void take_counter(std::vector<Sample>& out, Sample sample, double now);
  void take_histogram(std::vector<Sample>& out, const Sample& like, const prometheus::ClientMetric::Histogram& now);
  void take_buckets(std::vector<Sample>& out, const Sample& like, const prometheus::ClientMetric::Histogram& now);

  const Histograms histograms_;
  std::unordered_map<std::string, double> sent_;
};

}  // namespace eddy::host::push
