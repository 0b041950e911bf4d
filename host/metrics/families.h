// SPDX-License-Identifier: Apache-2.0
// Metric families as prometheus-cpp serialises them.
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metrics/totals.h"

namespace eddy::host {

using Labels = std::initializer_list<std::pair<const char*, std::string_view>>;

// Builds one family, series by series. Label values are made valid UTF-8.
class Family {
 public:
  Family(std::string name, std::string help, prometheus::MetricType type);

  void counter(Labels labels, std::uint64_t value);
  void counter(Labels labels, double value);
  void gauge(Labels labels, double value);
  template <typename Times>
  void histogram(Labels labels, const HistogramTotals<Times>& totals) {
    histogram(labels, Times::kBounds, totals.buckets, totals.sum);
  }

  prometheus::MetricFamily take() { return std::move(family_); }

 private:
  prometheus::ClientMetric& series(Labels labels);
  // One bucket more than bounds: above the last.
  void histogram(Labels labels, std::span<const double> bounds, std::span<const std::uint64_t> buckets, double sum);

  prometheus::MetricFamily family_;
};

}  // namespace eddy::host
