// SPDX-License-Identifier: Apache-2.0
#include "runtime/canary_judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace eddy::host {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Kind = CanaryVerdict::Kind;

const CanarySettings kSettings{.min_records = 200, .window_ms = 30'000, .max_extra_failures = 0.02};

Kind judged(std::uint64_t calls, std::uint64_t broken, std::chrono::milliseconds since) {
  return judge_canary(kSettings, {calls, broken, "f: E: x", ""}, since).kind;
}

TEST(CanaryJudge, WaitsForTheWindowWhileItIsGood) {
  EXPECT_EQ(judged(0, 0, 0ms), Kind::kWait);
  EXPECT_EQ(judged(1'000'000, 0, 29'999ms), Kind::kWait);
  EXPECT_EQ(judged(1'000'000, 20'000, 29'999ms), Kind::kWait) << "the budget is used up, not exceeded";
  EXPECT_EQ(judged(1'000'000, 0, 30'000ms), Kind::kPromote);
  EXPECT_EQ(judged(1'000'000, 20'000, 30'000ms), Kind::kPromote);
}

TEST(CanaryJudge, RollsBackAsSoonAsItCannotKeepItsBudget) {
  EXPECT_EQ(judged(1'000'000, 20'001, 1ms), Kind::kRollBack);
  EXPECT_EQ(judged(4, 4, 1ms), Kind::kWait) << "four of the first 200 are within it";
  EXPECT_EQ(judged(5, 5, 1ms), Kind::kRollBack) << "five of 200 cannot be any more";
}

TEST(CanaryJudge, JudgesFewRecordsAtTheEndOfTheWindowByWhatTheyShow) {
  EXPECT_EQ(judged(0, 0, 30'000ms), Kind::kPromote) << "never kept waiting for want of records";
  EXPECT_EQ(judged(10, 0, 30'000ms), Kind::kPromote);
  EXPECT_EQ(judged(10, 1, 30'000ms), Kind::kRollBack);
  EXPECT_EQ(judged(100, 2, 30'000ms), Kind::kPromote);
}

TEST(CanaryJudge, AFaultEndsItAtOnce) {
  const CanaryVerdict verdict = judge_canary(kSettings, {1'000'000, 0, "", "SIGSEGV in f"}, 1ms);
  EXPECT_EQ(verdict.kind, Kind::kRollBack);
  EXPECT_EQ(verdict.why, "SIGSEGV in f");
  EXPECT_EQ(judge_trial(kSettings, {1'000'000, 0, "", "SIGSEGV in f"}), "SIGSEGV in f");
}

TEST(CanaryJudge, ATrialIsJudgedByItsShareAndSaysWhy) {
  EXPECT_EQ(judge_trial(kSettings, {0, 0, "", ""}), std::nullopt) << "without records it is let in";
  EXPECT_EQ(judge_trial(kSettings, {1000, 20, "f: E: x", ""}), std::nullopt);
  const auto why = judge_trial(kSettings, {1000, 50, "f at in/0/7: E: x", ""});
  ASSERT_TRUE(why);
  EXPECT_THAT(*why, HasSubstr("it fails on 50 of 1000 records that its predecessor does not fail on"));
  EXPECT_THAT(*why, HasSubstr("max_extra_failures, which is 0.02; the first: f at in/0/7: E: x"));
}

TEST(CanaryJudge, ABudgetOfNothingAllowsNothing) {
  CanarySettings strict = kSettings;
  strict.max_extra_failures = 0;
  EXPECT_EQ(judge_canary(strict, {1'000'000, 1, "f", ""}, 1ms).kind, Kind::kRollBack);
  EXPECT_EQ(judge_canary(strict, {1'000'000, 0, "", ""}, 1ms).kind, Kind::kWait);
}

}  // namespace
}  // namespace eddy::host
