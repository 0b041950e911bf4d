// SPDX-License-Identifier: Apache-2.0
#include "webhook/baseline.h"

#include <gtest/gtest.h>

#include "support/times.h"

namespace eddy::host::webhook {
namespace {

using test::kMinute;

constexpr std::int64_t kBegin = 1'000'000 * kMinute;

class BaselineTest : public testing::Test {
 protected:
  // So many letters in one minute, read at once; how often they were worth telling of, and the last time.
  int minute(std::int64_t number, int letters) {
    int told = 0;
    for (int i = 0; i < letters; ++i) {
      const std::int64_t at = kBegin + number * kMinute + i * kMinute / (letters + 1);
      if (const auto passed = baseline_.add(at, at)) {
        last_ = *passed;
        ++told;
      }
    }
    return told;
  }

  Baseline baseline_{{.factor = 3, .min_per_minute = 10, .window_us = kMinute}};
  Baseline::Passed last_;
};

TEST_F(BaselineTest, FewLettersAreNothingToTellOf) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(minute(i, 9), 0);
}

TEST_F(BaselineTest, TheFirstMinuteIsMeasuredAgainstTheLeastAlone) {
  EXPECT_EQ(minute(0, 50), 1);
  EXPECT_EQ(last_.rate, 10);
  EXPECT_EQ(last_.usual, 0);
  EXPECT_EQ(last_.window_start_us, kBegin);
}

TEST_F(BaselineTest, WhatIsUsualIsNotTold) {
  minute(0, 100);
  for (int i = 1; i < 100; ++i) EXPECT_EQ(minute(i, 100), 0) << i;
  EXPECT_EQ(minute(100, 300), 0);
  EXPECT_EQ(minute(101, 400), 1);
  EXPECT_GT(last_.rate, 3 * last_.usual);
  EXPECT_NEAR(last_.usual, 103, 1);
}

TEST_F(BaselineTest, MinutesWithoutLettersCount) {
  minute(0, 100);
  EXPECT_EQ(minute(9, 35), 1);  // a hundred in nine minutes is 11 a minute
  EXPECT_NEAR(last_.usual, 100.0 / 9, 0.01);
  EXPECT_EQ(minute(100'000, 10), 1);
  EXPECT_LT(last_.usual, 0.01);
}

TEST_F(BaselineTest, LettersFromLongAgoFillTheBaselineAndTellNobody) {
  for (int i = 0; i < 500; ++i) {
    EXPECT_FALSE(baseline_.add(kBegin + i, kBegin + 10 * kMinute));
  }
  EXPECT_EQ(minute(10, 200), 1);
  EXPECT_NEAR(last_.usual, 50, 0.01);
}

TEST_F(BaselineTest, TimesThatGoBackOrAreInTheFutureCountForNothing) {
  minute(5, 1);
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(baseline_.add(kBegin, kBegin + 5 * kMinute));
    EXPECT_FALSE(baseline_.add(kBegin + 100 * kMinute, kBegin + 5 * kMinute));
  }
  EXPECT_EQ(minute(6, 10), 1);
  EXPECT_NEAR(last_.usual, 1, 0.01);
}

}  // namespace
}  // namespace eddy::host::webhook
