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

void Family::histogram(Labels labels, std::span<const double> bounds, std::span<const std::uint64_t> buckets,
                       double sum) {
  auto& histogram = series(labels).histogram;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    count += buckets[i];
    histogram.bucket.push_back({count, i < bounds.size() ? bounds[i] : std::numeric_limits<double>::infinity()});
  }
  histogram.sample_count = count;
  histogram.sample_sum = sum;
}

}  // namespace eddy::host
