// SPDX-License-Identifier: Apache-2.0
#include "push/emf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace eddy::host::push {
namespace {

using Json = nlohmann::json;
using Kind = Sample::Kind;

constexpr std::int64_t kNow = 1'700'000'000'123'456;

std::vector<Json> parsed(const std::vector<EmfLine>& lines) {
  std::vector<Json> all;
  for (const EmfLine& line : lines) {
    EXPECT_EQ(line.text.find('\n'), line.text.size() - 1);
    all.push_back(Json::parse(line.text));
  }
  return all;
}

TEST(Emf, MetricsWithTheSameLabelsShareALine) {
  const std::vector<Sample> samples = {{Kind::kCount, "retries", {{"function", "f"}}, 3},
                                       {Kind::kGauge, "ready", {}, 1},
                                       {Kind::kSum, "call_seconds_sum", {{"function", "f"}}, 0.25}};
  const auto lines = parsed(emf_lines({"Eddy", {}}, samples, kNow));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], Json::parse(R"({"_aws":{"Timestamp":1700000000123,"CloudWatchMetrics":[{"Namespace":"Eddy",
      "Dimensions":[["service"]],"Metrics":[{"Name":"ready","Unit":"None"}]}]},"service":"eddy","ready":1})"));
  EXPECT_EQ(lines[1], Json::parse(R"({"_aws":{"Timestamp":1700000000123,"CloudWatchMetrics":[{"Namespace":"Eddy",
      "Dimensions":[["function"]],"Metrics":[{"Name":"retries","Unit":"Count"},
      {"Name":"call_seconds_sum","Unit":"Seconds"}]}]},"function":"f","retries":3,"call_seconds_sum":0.25})"));
}

TEST(Emf, DimensionsOfEveryLine) {
  const EmfForm form{"Eddy", {{"cluster", "eu"}, {"function", "not this"}, {"lag", "nor this"}}};
  const auto lines = parsed(emf_lines(form, {{Kind::kGauge, "lag", {{"function", "f"}}, 1}}, kNow));
  EXPECT_EQ(lines[0]["_aws"]["CloudWatchMetrics"][0]["Dimensions"], Json::parse(R"([["function","cluster"]])"));
  EXPECT_EQ(lines[0]["cluster"], "eu");
  EXPECT_EQ(lines[0]["function"], "f");
  EXPECT_EQ(lines[0]["lag"], 1) << "the number of that name";
}

TEST(Emf, ALineHasAHundredMetricsAndThirtyDimensionsAtMost) {
  EmfForm form{"Eddy", {}};
  for (int i = 0; i < 40; ++i) form.dimensions["d" + std::to_string(i)] = "v";
  std::vector<Sample> samples;
  for (int i = 0; i < 250; ++i) samples.push_back({Kind::kCount, "m" + std::to_string(i), {{"function", "f"}}, 1});
  const auto lines = emf_lines(form, samples, kNow);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].samples.size(), kMostEmfMetrics);
  EXPECT_EQ(lines[2].samples.size(), 50u);
  for (const Json& line : parsed(lines)) {
    const Json& directive = line["_aws"]["CloudWatchMetrics"][0];
    EXPECT_EQ(directive["Dimensions"][0].size(), kMostEmfDimensions);
    for (const Json& name : directive["Dimensions"][0]) EXPECT_TRUE(line.contains(name.get<std::string>()));
  }
}

TEST(Emf, LongAndOddValuesAreMadeValid) {
  const std::string long_one(2000, 'x');
  const std::vector<Sample> samples = {{Kind::kCount, "n", {{"error_type", long_one}}, 1},
                                       {Kind::kCount, "n", {{"error_type", "a\"\\\n\xff"}}, 1}};
  for (const Json& line : parsed(emf_lines({"Eddy", {}}, samples, kNow))) {
    EXPECT_LE(line["error_type"].get<std::string>().size(), kLongestEmfDimension);
  }
}

}  // namespace
}  // namespace eddy::host::push
