// SPDX-License-Identifier: Apache-2.0
// Processes that die now and then are replaced at once, those that die all the time at a bounded rate.
#include <gtest/gtest.h>

#include <vector>

#include "function/process/respawn_pace.h"

namespace eddy::host {
namespace {

using namespace std::chrono_literals;

struct ProcessRespawnPace : testing::Test {
  // Replaces a process; each dies at once. Returns how long that took.
  RespawnPace::Duration replace(RespawnPace& pace, RespawnPace::Duration in_vain = 1ms) {
    pace.died(now, in_vain);
    const auto wait = pace.wait(now);
    now += wait;
    EXPECT_EQ(pace.wait(now).count(), 0);
    return wait;
  }
  void use_up(RespawnPace& pace) {
    for (std::uint32_t i = 0; i < RespawnPace::kBurst; ++i) EXPECT_EQ(replace(pace).count(), 0) << i;
  }

  // How much longer one more death makes the wait, in milliseconds.
  double interval(RespawnPace& pace) {
    const auto before = pace.wait(now);
    pace.died(now, 1ms);
    return std::chrono::duration<double, std::milli>(pace.wait(now) - before).count();
  }

  RespawnPace::Time now{1h};
};

TEST_F(ProcessRespawnPace, AFewAreReplacedAtOnceAndMoreOneByOne) {
  RespawnPace pace;
  use_up(pace);
  EXPECT_FALSE(pace.slowed());
  for (int i = 0; i < 40; ++i) EXPECT_EQ(replace(pace), 25ms) << i;
  EXPECT_TRUE(pace.slowed());
}

TEST_F(ProcessRespawnPace, WhatDiesNoMoreOftenThanItMayNeverWaits) {
  RespawnPace pace;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(replace(pace).count(), 0) << i;
    now += 25ms;
  }
  use_up(pace);
}

TEST_F(ProcessRespawnPace, ItIsAsItWasAfterAWhileOfCalm) {
  RespawnPace pace;
  use_up(pace);
  EXPECT_EQ(replace(pace), 25ms);
  now += 16 * 25ms;
  EXPECT_EQ(pace.wait(now).count(), 0);
  EXPECT_FALSE(pace.slowed());
  use_up(pace);
  EXPECT_EQ(replace(pace), 25ms);
}

TEST_F(ProcessRespawnPace, WhatTakesMuchTimeToDieGetsATenthOfAProcessor) {
  RespawnPace pace;
  EXPECT_EQ(replace(pace, 40ms).count(), 0) << "one at once";
  EXPECT_EQ(replace(pace, 40ms), 400ms);
  EXPECT_EQ(replace(pace, 40ms), 400ms);
  EXPECT_EQ(replace(pace, 10min), 10s);
  EXPECT_EQ(replace(pace, 0ms), 25ms);  // it had ended a record
}

TEST_F(ProcessRespawnPace, ManySlowOnesShareWhatTwoMaySpend) {
  std::vector<std::unique_ptr<RespawnPace>> all;
  for (int i = 0; i < 6; ++i) {
    all.push_back(std::make_unique<RespawnPace>());
    while (!all.back()->slowed()) all.back()->died(now, 1ms);
  }
  EXPECT_NEAR(interval(*all[0]), 75, 1);
  EXPECT_NEAR(interval(*all[5]), 75, 1);
  all.resize(2);
  EXPECT_NEAR(interval(*all[0]), 25, 1);
}

TEST_F(ProcessRespawnPace, ABurstIsTheShorterTheMoreAreSlow) {
  RespawnPace slow, other;
  use_up(slow);
  slow.died(now, 1ms);
  for (std::uint32_t i = 0; i < RespawnPace::kBurst / 2; ++i) other.died(now, 1ms);
  EXPECT_FALSE(other.slowed());
  other.died(now, 1ms);
  EXPECT_TRUE(other.slowed());
}

TEST_F(ProcessRespawnPace, AClockThatStandsStillIsNoMatter) {
  RespawnPace pace;
  use_up(pace);
  pace.died(now, 1ms);
  EXPECT_EQ(pace.wait(now), 25ms);
  EXPECT_EQ(pace.wait(now - 10s), 25ms);
  EXPECT_EQ(pace.wait(now + 25ms).count(), 0);
}

}  // namespace
}  // namespace eddy::host
