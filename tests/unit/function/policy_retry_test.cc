// SPDX-License-Identifier: Apache-2.0
// Whether a failure gets another attempt, and when.
#include <gtest/gtest.h>

#include <set>

#include "eddy/abi.h"
#include "function/policy/backoff.h"
#include "function/policy/mix.h"
#include "function/policy/patterns.h"
#include "function/policy/retry.h"

namespace eddy::host {
namespace {

TEST(Backoff, GrowsUpToItsMaximum) {
  const RetrySettings settings{
      .initial_interval_ms = 1000, .multiplier = 2, .max_interval_ms = 6000, .jitter = 0, .on = {}, .never_on = {}};
  const std::int64_t expected[] = {1'000'000, 2'000'000, 4'000'000, 6'000'000, 6'000'000};
  for (std::uint32_t i = 0; i < 5; ++i) EXPECT_EQ(backoff_us(settings, i + 1, i), expected[i]) << i;
  EXPECT_EQ(backoff_us(settings, 4'000'000'000u, 1), 6'000'000);
}

TEST(Backoff, WithoutGrowthStaysAsItIs) {
  RetrySettings settings;
  settings.multiplier = 1;
  settings.jitter = 0;
  EXPECT_EQ(backoff_us(settings, 4'000'000'000u, 1), 1'000'000);
  EXPECT_EQ(backoff_tiers(settings, 16), 1u);
}

TEST(Backoff, JitterStaysWithinItsShareAndSpreads) {
  RetrySettings settings;
  settings.jitter = 0.2;
  double sum = 0;
  std::int64_t least = 2'000'000, most = 0;
  constexpr int kSeeds = 10'000;
  for (int seed = 0; seed < kSeeds; ++seed) {
    const std::int64_t pause = backoff_us(settings, 1, static_cast<std::uint64_t>(seed));
    least = std::min(least, pause);
    most = std::max(most, pause);
    sum += static_cast<double>(pause);
  }
  EXPECT_GE(least, 800'000);
  EXPECT_LT(least, 805'000);
  EXPECT_LE(most, 1'200'000);
  EXPECT_GT(most, 1'195'000);
  EXPECT_NEAR(sum / kSeeds, 1'000'000, 5'000);
}

TEST(Backoff, TheSameSeedGivesTheSame) {
  const RetrySettings settings;
  std::set<std::int64_t> different;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    EXPECT_EQ(backoff_us(settings, 3, seed), backoff_us(settings, 3, seed));
    different.insert(backoff_us(settings, 3, seed));
  }
  EXPECT_GT(different.size(), 95u);
}

TEST(Patterns, MatchExactlyByPrefixAndByGlob) {
  const std::vector<std::string> globs = {"ValidationError", "SIG*", "std::*_error", "E?", "Also"};
  const Patterns patterns(globs);
  for (const char* type : {"ValidationError", "SIG", "SIGSEGV", "std::range_error", "E1", "Also"}) {
    EXPECT_TRUE(patterns.match(type)) << type;
  }
  for (const char* type : {"", "ValidationErrors", "Validation", "sIG", "std::bad_alloc", "E", "E12", "MySIGNAL"}) {
    EXPECT_FALSE(patterns.match(type)) << type;
  }
  EXPECT_TRUE(Patterns(std::vector<std::string>{"*"}).match(""));
  EXPECT_FALSE(Patterns(std::vector<std::string>{}).match("x"));
}

RetrySettings three_attempts() {
  RetrySettings settings;
  settings.max_attempts = 3;
  return settings;
}

TEST(RetryPolicy, AttemptsCountTheFirstCall) {
  const RetryPolicy policy(three_attempts());
  EXPECT_TRUE(policy.retries("E", EDDY_FAIL_PLAIN, 1));
  EXPECT_TRUE(policy.retries("E", EDDY_FAIL_PLAIN, 2));
  EXPECT_FALSE(policy.retries("E", EDDY_FAIL_PLAIN, 3));
  EXPECT_FALSE(policy.retries("E", EDDY_FAIL_PLAIN, 4));
  EXPECT_FALSE(RetryPolicy(RetrySettings()).retries("E", EDDY_FAIL_RETRYABLE, 1)) << "one attempt is one call";
}

TEST(RetryPolicy, TypesDecideAboutPlainFailures) {
  RetrySettings settings = three_attempts();
  settings.on = {"Net*", "Timeout"};
  settings.never_on = {"NetBanned"};
  const RetryPolicy policy(settings);
  EXPECT_TRUE(policy.retries("NetDown", EDDY_FAIL_PLAIN, 1));
  EXPECT_TRUE(policy.retries("Timeout", EDDY_FAIL_PLAIN, 1));
  EXPECT_FALSE(policy.retries("NetBanned", EDDY_FAIL_PLAIN, 1)) << "never_on wins";
  EXPECT_FALSE(policy.retries("Other", EDDY_FAIL_PLAIN, 1));
  EXPECT_TRUE(policy.retries("NetDown", 99, 1)) << "an unknown kind is a plain one";
}

TEST(RetryPolicy, ByDefaultWhatTheRecordItselfIsToBlameForIsNotTriedAgain) {
  const RetryPolicy policy(three_attempts());
  for (const char* type : {"ValidationError", "ParseError", "SIGSEGV", "SIGFPE"}) {
    EXPECT_FALSE(policy.retries(type, EDDY_FAIL_PLAIN, 1)) << type;
    EXPECT_TRUE(policy.is_of_the_record(type, EDDY_FAIL_PLAIN)) << type;
  }
  for (const char* type : {"std::runtime_error", "Timeout", ""}) {
    EXPECT_TRUE(policy.retries(type, EDDY_FAIL_PLAIN, 1)) << type;
    EXPECT_FALSE(policy.is_of_the_record(type, EDDY_FAIL_PLAIN)) << type;
  }
}

TEST(RetryPolicy, TheFunctionsOwnWordWinsOverTypes) {
  RetrySettings settings = three_attempts();
  settings.on = {};
  settings.never_on = {"*"};
  const RetryPolicy policy(settings);
  for (const std::uint32_t kind : {EDDY_FAIL_RETRYABLE, EDDY_FAIL_DEPENDENCY_DOWN}) {
    EXPECT_TRUE(policy.retries("E", kind, 2)) << kind;
    EXPECT_FALSE(policy.retries("E", kind, 3)) << kind;
    EXPECT_FALSE(policy.is_of_the_record("E", kind)) << kind;
  }
  const RetryPolicy willing(three_attempts());
  EXPECT_FALSE(willing.retries("E", EDDY_FAIL_FATAL, 1));
  EXPECT_TRUE(willing.is_of_the_record("E", EDDY_FAIL_FATAL));
}

TEST(RetryPolicy, KnowsHowManyDelaysThereAre) {
  RetrySettings settings;
  EXPECT_EQ(RetryPolicy(settings).tiers(), 1u);
  settings.max_attempts = 4;
  EXPECT_EQ(RetryPolicy(settings).tiers(), 3u) << "1, 2, 4 s";
  settings.max_attempts = 1000;
  EXPECT_EQ(RetryPolicy(settings).tiers(), 7u) << "1, 2, 4, 8, 16, 32, 60 s";
  settings.max_interval_ms = 86'400'000;
  settings.multiplier = 1.1;
  EXPECT_EQ(RetryPolicy(settings).tiers(), 16u);
  // Each tier has one delay, jitter aside: a longer one comes in a higher tier.
  settings = {.max_attempts = 1000, .jitter = 0, .on = {}, .never_on = {}};
  const RetryPolicy policy(settings);
  for (std::uint32_t tier = 1; tier < policy.tiers(); ++tier) {
    EXPECT_LT(policy.delay_us(tier, 0), policy.delay_us(tier + 1, 0));
  }
  EXPECT_EQ(policy.delay_us(policy.tiers(), 0), policy.delay_us(policy.tiers() + 1, 0));
}

TEST(Mix, IsTheSameInEveryBuild) {
  static_assert(mix(0) == 0xe220a8397b1dcdafu, "the first output of SplitMix64 seeded with 0");
  EXPECT_NE(stable_hash("a"), stable_hash("b"));
  EXPECT_EQ(unit_interval(0), 0.0);
  EXPECT_LT(unit_interval(~std::uint64_t{0}), 1.0);
}

}  // namespace
}  // namespace eddy::host
