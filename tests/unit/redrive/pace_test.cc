// SPDX-License-Identifier: Apache-2.0
#include "redrive/pace.h"

#include <gtest/gtest.h>

namespace eddy::host {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Pace::Instant kStart{seconds(1000)};

// Letters sent over ten seconds by one that asks every 5 ms and sends all it may.
std::uint64_t sent_in_ten_seconds(Pace& pace) {
  std::uint64_t sent = 0;
  for (Pace::Instant now = kStart; now < kStart + seconds(10); now += milliseconds(5)) {
    pace.lag(0);
    const std::uint64_t may = pace.allowance(now);
    pace.sent(may);
    sent += may;
  }
  return sent;
}

TEST(Pace, KeepsItsRate) {
  for (const std::uint32_t rate : {1u, 7u, 500u, 20'000u}) {
    Pace pace(rate, kStart);
    const std::uint64_t sent = sent_in_ten_seconds(pace);
    EXPECT_LE(sent, rate * 10u + 1) << rate;
    EXPECT_GE(sent, rate * 10u - rate / 10 - 1) << rate;
  }
}

TEST(Pace, SavesNoMoreThanHalfASecond) {
  Pace pace(1000, kStart);
  EXPECT_EQ(pace.allowance(kStart + seconds(60)), 500u);
}

TEST(Pace, KeepsItsRateWhereAUnitOfWorkTakesAWhile) {
  Pace pace(500, kStart);
  std::uint64_t sent = 0;
  for (Pace::Instant now = kStart; now < kStart + seconds(10); now += milliseconds(400)) {
    pace.lag(0);
    const std::uint64_t may = pace.allowance(now);
    pace.sent(may);
    sent += may;
  }
  EXPECT_GE(sent, 4'750u);
}

TEST(Pace, WaitsForWhoTakesThem) {
  Pace pace(1000, kStart);
  pace.lag(1995);
  EXPECT_EQ(pace.allowance(kStart + seconds(1)), 5u) << "two seconds' worth may wait";
  pace.sent(5);
  EXPECT_EQ(pace.allowance(kStart + seconds(2)), 0u);
  pace.lag(10);
  EXPECT_EQ(pace.allowance(kStart + seconds(3)), 500u);
}

TEST(Pace, WithoutARateOnlyTheLagCounts) {
  Pace pace(0, kStart);
  EXPECT_EQ(pace.allowance(kStart), 10'000u);
  pace.sent(9'000);
  EXPECT_EQ(pace.allowance(kStart), 1'000u);
  pace.lag(20'000);
  EXPECT_EQ(pace.allowance(kStart), 0u);
}

TEST(Pace, SaysHowLongToWait) {
  Pace slow(2, kStart);
  slow.sent(slow.allowance(kStart));
  EXPECT_EQ(slow.wait(), milliseconds(100)) << "it looks around meanwhile";
  Pace fast(500, kStart);
  fast.sent(fast.allowance(kStart));
  EXPECT_LE(fast.wait(), milliseconds(5));
  EXPECT_GE(fast.wait(), milliseconds(1));
}

}  // namespace
}  // namespace eddy::host
