// SPDX-License-Identifier: Apache-2.0
#include "push/deltas.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>

namespace eddy::host::push {
namespace {

using Kind = Sample::Kind;
using prometheus::MetricFamily;
using prometheus::MetricType;
using testing::ElementsAre;
using testing::FieldsAre;
using testing::IsEmpty;
using testing::Pair;

MetricFamily counter(const std::string& name, double value, const std::string& function = "f") {
  MetricFamily family{name, "help", MetricType::Counter, {}};
  auto& metric = family.metric.emplace_back();
  metric.label = {{"function", function}, {"empty", ""}};
  metric.counter.value = value;
  return family;
}

// Bounds 1, 2 and infinity, with these counts in them.
MetricFamily histogram(std::array<std::uint64_t, 3> counts, double sum) {
  MetricFamily family{"eddy_call_seconds", "help", MetricType::Histogram, {}};
  auto& histogram = family.metric.emplace_back().histogram;
  std::uint64_t all = 0;
  const double bounds[] = {1, 2, std::numeric_limits<double>::infinity()};
  for (std::size_t i = 0; i < counts.size(); ++i) histogram.bucket.push_back({all += counts[i], bounds[i]});
  histogram.sample_count = all;
  histogram.sample_sum = sum;
  return family;
}

std::map<std::string, double> values(const std::vector<Sample>& samples) {
  std::map<std::string, double> all;
  for (const Sample& sample : samples) all[sample.name] = sample.value;
  return all;
}

TEST(Deltas, CountersAreWhatTheyGrewBy) {
  Deltas deltas(Histograms::kValues);
  const auto first = deltas.take({counter("eddy_records_total", 5)});
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].kind, Kind::kCount);
  EXPECT_EQ(first[0].name, "records");
  EXPECT_THAT(first[0].labels, ElementsAre(Pair("function", "f"))) << "an empty label is none";
  EXPECT_EQ(first[0].value, 5);
  EXPECT_THAT(deltas.take({counter("eddy_records_total", 5)}), IsEmpty());
  EXPECT_THAT(values(deltas.take({counter("eddy_records_total", 12)})), ElementsAre(Pair("records", 7)));
}

TEST(Deltas, ACounterIsToldOnceWithZero) {
  Deltas deltas(Histograms::kValues);
  EXPECT_THAT(values(deltas.take({counter("eddy_records_total", 0)})), ElementsAre(Pair("records", 0)));
  EXPECT_THAT(deltas.take({counter("eddy_records_total", 0)}), IsEmpty());
}

TEST(Deltas, SeriesOfOneNameAreApart) {
  Deltas deltas(Histograms::kValues);
  deltas.take({counter("eddy_records_total", 5, "f"), counter("eddy_records_total", 9, "g")});
  const auto samples = deltas.take({counter("eddy_records_total", 6, "f"), counter("eddy_records_total", 11, "g")});
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_EQ(samples[0].value, 1);
  EXPECT_EQ(samples[1].value, 2);
}

TEST(Deltas, WhatIsGivenBackComesAgain) {
  Deltas deltas(Histograms::kValues);
  for (const Sample& sample : deltas.take({counter("eddy_records_total", 5)})) deltas.give_back(sample);
  EXPECT_THAT(values(deltas.take({counter("eddy_records_total", 8)})), ElementsAre(Pair("records", 8)));
}

TEST(Deltas, AZeroThatIsGivenBackIsToldAgain) {
  Deltas deltas(Histograms::kValues);
  for (int i = 0; i < 3; ++i) {
    const auto samples = deltas.take({counter("eddy_records_total", 0)});
    ASSERT_THAT(values(samples), ElementsAre(Pair("records", 0)));
    deltas.give_back(samples[0]);
  }
}

TEST(Deltas, GaugesAreToldEachTime) {
  Deltas deltas(Histograms::kValues);
  MetricFamily family{"eddy_ready", "help", MetricType::Gauge, {}};
  family.metric.emplace_back().gauge.value = 1;
  for (int i = 0; i < 2; ++i) {
    const auto samples = deltas.take({family});
    EXPECT_THAT(values(samples), ElementsAre(Pair("ready", 1)));
    deltas.give_back(samples[0]);
  }
  family.metric[0].gauge.value = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(deltas.take({family}), IsEmpty()) << "no receiver takes it";
}

TEST(Deltas, ValuesOfAHistogramAreTheMiddlesOfItsBuckets) {
  Deltas deltas(Histograms::kValues);
  const auto first = deltas.take({histogram({3, 0, 1}, 9)});
  ASSERT_EQ(first.size(), 2u);
  EXPECT_THAT(first[0], FieldsAre(Kind::kTimes, "call_seconds", IsEmpty(), 0.5, 3u, testing::_));
  EXPECT_THAT(first[1], FieldsAre(Kind::kTimes, "call_seconds", IsEmpty(), 2.0, 1u, testing::_)) << "the last bound";
  const auto second = deltas.take({histogram({3, 4, 1}, 15)});
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].value, 1.5);
  EXPECT_EQ(second[0].times, 4u);
  deltas.give_back(second[0]);
  const auto third = deltas.take({histogram({3, 5, 1}, 17)});
  ASSERT_EQ(third.size(), 1u);
  EXPECT_EQ(third[0].times, 5u);
}

TEST(Deltas, OrItsSumAndNumber) {
  Deltas deltas(Histograms::kSummary);
  EXPECT_THAT(values(deltas.take({histogram({3, 0, 1}, 9)})),
              ElementsAre(Pair("call_seconds_count", 4), Pair("call_seconds_sum", 9)));
  EXPECT_THAT(values(deltas.take({histogram({3, 2, 1}, 12)})),
              ElementsAre(Pair("call_seconds_count", 2), Pair("call_seconds_sum", 3)));
}

}  // namespace
}  // namespace eddy::host::push
