// SPDX-License-Identifier: Apache-2.0
#include "push/deltas.h"

#include <cmath>
#include <string_view>

namespace eddy::host::push {
namespace {

using prometheus::MetricType;

std::string short_name(std::string_view name, MetricType type) {
  constexpr std::string_view kPrefix = "eddy_", kTotal = "_total";
  if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
  if (type == MetricType::Counter && name.ends_with(kTotal)) name.remove_suffix(kTotal.size());
  return std::string(name);
}

std::string key_of(const Sample& sample) {
  std::string key = sample.name;
  for (const auto& [name, value] : sample.labels) {
    key += '\0';
    key += name;
    key += '\0';
    key += value;
  }
  return key;
}

Sample described(const prometheus::MetricFamily& family, const prometheus::ClientMetric& metric) {
  Sample sample;
  sample.name = short_name(family.name, family.type);
  for (const auto& label : metric.label) {
    if (!label.value.empty()) sample.labels.emplace_back(label.name, label.value);
  }
  return sample;
}

}  // namespace

std::vector<Sample> Deltas::take(const std::vector<prometheus::MetricFamily>& families) {
  std::vector<Sample> out;
  for (const auto& family : families) {
    for (const auto& metric : family.metric) {
      Sample sample = described(family, metric);
      if (family.type == MetricType::Counter) {
        sample.kind = Sample::Kind::kCount;
        take_counter(out, std::move(sample), metric.counter.value);
      } else if (family.type == MetricType::Histogram) {
        take_histogram(out, sample, metric.histogram);
      } else if (std::isfinite(metric.gauge.value)) {
        sample.value = metric.gauge.value;
        out.push_back(std::move(sample));
      }
    }
  }
  return out;
}

void Deltas::take_counter(std::vector<Sample>& out, Sample sample, double now) {
  sample.key = key_of(sample);
  const auto [sent, first] = sent_.try_emplace(sample.key, 0);
  sample.value = now - sent->second;
  if (!first && !(sample.value > 0)) return;
  sent->second = now;
  out.push_back(std::move(sample));
}

void Deltas::take_histogram(std::vector<Sample>& out, const Sample& like,
                            const prometheus::ClientMetric::Histogram& now) {
  if (histograms_ == Histograms::kValues) return take_buckets(out, like, now);
  Sample sum = like;
  sum.kind = Sample::Kind::kSum;
  sum.name += "_sum";
  take_counter(out, std::move(sum), now.sample_sum);
  Sample number = like;
  number.kind = Sample::Kind::kNumber;
  number.name += "_count";
  take_counter(out, std::move(number), static_cast<double>(now.sample_count));
}

// A value is told as the middle of its bucket; above the last bound, as that bound.
void Deltas::take_buckets(std::vector<Sample>& out, const Sample& like,
                          const prometheus::ClientMetric::Histogram& now) {
  const std::string key = key_of(like);
  double below = 0;
  std::uint64_t counted = 0;
  for (std::size_t i = 0; i < now.bucket.size(); ++i) {
    const auto& bucket = now.bucket[i];
    const double count = static_cast<double>(bucket.cumulative_count - counted);
    counted = bucket.cumulative_count;
    Sample sample = like;
    sample.kind = Sample::Kind::kTimes;
    sample.value = std::isfinite(bucket.upper_bound) ? (below + bucket.upper_bound) / 2 : below;
    below = bucket.upper_bound;
    sample.key = key + '\0' + std::to_string(i);
    double& sent = sent_[sample.key];
    if (!(count > sent)) continue;
    sample.times = static_cast<std::uint64_t>(count - sent);
    sent = count;
    out.push_back(std::move(sample));
  }
}

void Deltas::give_back(const Sample& sample) {
  const auto sent = sent_.find(sample.key);
  if (sample.key.empty() || sent == sent_.end()) return;
  sent->second -= sample.kind == Sample::Kind::kTimes ? static_cast<double>(sample.times) : sample.value;
  if (!(sent->second > 0)) sent_.erase(sent);  // nobody knows of it yet: it is told again, also with 0
}

}  // namespace eddy::host::push
