// SPDX-License-Identifier: Apache-2.0
#include "http/rate_limit.h"

#include <gtest/gtest.h>

namespace eddy::host {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kNow = 1'700'000'000 * kSecond;

RateSettings rate(std::uint32_t requests, std::uint32_t records, double burst_s = 1) {
  return {requests, records, burst_s};
}

int taken(RateLimit& limit, std::int64_t now_us) {
  int count = 0;
  while (count < 1000 && limit.take("a", now_us) == 0) ++count;
  return count;
}

TEST(RateLimit, ASecondsWorthAtOnceThenTheRate) {
  RateLimit limit(rate(10, 0));
  EXPECT_EQ(taken(limit, kNow), 10);
  EXPECT_EQ(limit.take("a", kNow), 1u);
  EXPECT_EQ(taken(limit, kNow + kSecond / 2), 5);
  EXPECT_EQ(taken(limit, kNow + 60 * kSecond), 10);
}

TEST(RateLimit, TheBurstIsSecondsWorth) {
  RateLimit limit(rate(10, 0, 3));
  EXPECT_EQ(taken(limit, kNow), 30);
  RateLimit slow(rate(1, 0, 0.1));
  EXPECT_EQ(taken(slow, kNow), 1) << "one request must fit into any burst";
  EXPECT_EQ(taken(slow, kNow + kSecond), 1);
}

TEST(RateLimit, RecordsLeaveADebtThatIsPaid) {
  RateLimit limit(rate(0, 100));
  EXPECT_EQ(limit.take("a", kNow), 0u);
  limit.charge("a", 1100, kNow);
  EXPECT_EQ(limit.take("a", kNow), 11u);
  EXPECT_EQ(limit.take("a", kNow + 9 * kSecond), 2u);
  EXPECT_EQ(limit.take("a", kNow + 11 * kSecond), 0u);
}

TEST(RateLimit, NoDebtIsLongerThanAnHour) {
  RateLimit limit(rate(0, 1));
  limit.charge("a", 1'000'000'000'000, kNow);
  limit.charge("a", 1'000'000'000'000, kNow);
  EXPECT_EQ(limit.take("a", kNow), 3600u);
  EXPECT_EQ(limit.take("a", kNow + RateLimit::kLongestDebtUs), 0u);
}

TEST(RateLimit, AccountsDoNotShare) {
  RateLimit limit(rate(1, 0));
  EXPECT_EQ(limit.take("a", kNow), 0u);
  EXPECT_EQ(limit.take("b", kNow), 0u);
  EXPECT_EQ(limit.take("a", kNow), 1u);
}

TEST(RateLimit, WithoutLimitsNothingIsKept) {
  RateLimit limit(rate(0, 0));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(limit.take(std::to_string(i), kNow), 0u);
  limit.charge("a", 1000, kNow);
  EXPECT_EQ(limit.accounts(), 0u);
}

TEST(RateLimit, MemoryIsBoundedAndTheLatestAccountsStay) {
  RateLimit limit(rate(1, 0), 10);
  EXPECT_EQ(limit.take("kept", kNow), 0u);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(limit.take(std::to_string(i), kNow), 0u);
    EXPECT_EQ(limit.take("kept", kNow), 1u) << i;
  }
  EXPECT_EQ(limit.accounts(), 10u);
  EXPECT_EQ(limit.take("0", kNow), 0u) << "forgotten, so it begins anew";
}

TEST(RateLimit, AClockThatIsSetBackShutsNobodyOut) {
  RateLimit limit(rate(1, 0));
  EXPECT_EQ(limit.take("a", kNow), 0u);
  EXPECT_EQ(limit.take("a", kNow - 3600 * kSecond), 0u);
}

}  // namespace
}  // namespace eddy::host
