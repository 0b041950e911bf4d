// SPDX-License-Identifier: Apache-2.0
#include "metrics/families.h"

#include <limits>

#include "base/encoding.h"

namespace eddy::host {
namespace {

// Bytes that cannot be read as text become question marks: one bad label must not spoil the whole answer.
std::string label_value(std::string_view text) {
  std::string out(text);
  if (is_utf8(out)) return out;
  for (char& c : out) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return out;
}

}  // namespace

Family::Family(std::string name, std::string help, prometheus::MetricType type) {
  family_.name = std::move(name);
  family_.help = std::move(help);
  family_.type = type;
}

prometheus::ClientMetric& Family::series(Labels labels) {
  prometheus::ClientMetric& metric = family_.metric.emplace_back();
  for (const auto& [name, value] : labels) metric.label.push_back({name, label_value(value)});
  return metric;
}

void Family::counter(Labels labels, std::uint64_t value) { counter(labels, static_cast<double>(value)); }

void Family::counter(Labels labels, double value) { series(labels).counter.value = value; }

void Family::gauge(Labels labels, double value) { series(labels).gauge.value = value; }

void Family::histogram(Labels labels, const HistogramTotals& totals) {
  auto& histogram = series(labels).histogram;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < totals.buckets.size(); ++i) {
    count += totals.buckets[i];
    const bool last = i == TimeHistogram::kBounds.size();
    histogram.bucket.push_back({count, last ? std::numeric_limits<double>::infinity() : TimeHistogram::kBounds[i]});
  }
  histogram.sample_count = count;
  histogram.sample_sum = totals.sum;
}

}  // namespace eddy::host
