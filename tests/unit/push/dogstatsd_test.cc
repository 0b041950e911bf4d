// SPDX-License-Identifier: Apache-2.0
#include "push/dogstatsd.h"

#include <gtest/gtest.h>

namespace eddy::host::push {
namespace {

using Kind = Sample::Kind;

TEST(DogStatsd, ALineOfEachKind) {
  const DogStatsdForm form{"eddy.", {}};
  EXPECT_EQ(dogstatsd_line(form, {Kind::kCount, "records", {{"function", "f"}, {"outcome", "delivered"}}, 12}),
            "eddy.records:12|c|#function:f,outcome:delivered");
  EXPECT_EQ(dogstatsd_line(form, {Kind::kGauge, "ready", {}, 1}), "eddy.ready:1|g");
  EXPECT_EQ(dogstatsd_line(form, {Kind::kTimes, "call_seconds", {}, 0.5, 4}), "eddy.call_seconds:0.5|d|@0.25");
  EXPECT_EQ(dogstatsd_line(form, {Kind::kTimes, "call_seconds", {}, 0.5, 1}), "eddy.call_seconds:0.5|d");
}

TEST(DogStatsd, TagsOfEveryLineComeFirst) {
  EXPECT_EQ(dogstatsd_line({"", {"env:prod", "eu"}}, {Kind::kGauge, "lag", {{"function", "f"}}, 7}),
            "lag:7|g|#env:prod,eu,function:f");
}

TEST(DogStatsd, WhatWouldEndATagOrALineIsReplaced) {
  EXPECT_EQ(dogstatsd_line({"", {}}, {Kind::kCount, "n", {{"error_type", "a|b,c#d\ne::f é"}}, 1}),
            "n:1|c|#error_type:a_b_c_d_e::f é");
}

TEST(DogStatsd, TheRateSaysHowManyValuesThereWereExactly) {
  for (std::uint64_t times = 2; times < 200'000; times += times < 3000 ? 1 : 997) {
    const std::string line = dogstatsd_line({"", {}}, {Kind::kTimes, "t", {}, 1, times});
    const double rate = std::stod(line.substr(line.find('@') + 1));
    ASSERT_EQ(static_cast<std::uint64_t>(1 / rate), times) << line;
  }
}

TEST(DogStatsd, DatagramsAreFilledAndNotMore) {
  const std::vector<Sample> samples(10, Sample{Kind::kCount, "records", {}, 1});  // "records:1|c", 11 bytes
  const auto packets = datagrams({"", {}}, samples, 35);                          // three of them are 35
  ASSERT_EQ(packets.size(), 4u);
  EXPECT_EQ(packets[0].bytes, "records:1|c\nrecords:1|c\nrecords:1|c");
  EXPECT_EQ(packets[0].samples.size(), 3u);
  EXPECT_EQ(packets[3].bytes, "records:1|c");
  EXPECT_EQ(packets[3].samples.data(), &samples[9]);
}

TEST(DogStatsd, ALineThatIsTooLongGoesAlone) {
  std::vector<Sample> samples(3, Sample{Kind::kCount, "n", {}, 1});
  samples[1].name = std::string(50, 'x');
  const auto packets = datagrams({"", {}}, samples, 20);
  ASSERT_EQ(packets.size(), 3u);
  EXPECT_EQ(packets[1].bytes, std::string(50, 'x') + ":1|c");
  EXPECT_TRUE(datagrams({"", {}}, {}, 20).empty());
}

}  // namespace
}  // namespace eddy::host::push
