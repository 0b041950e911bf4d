// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "function/policy/letter_limit.h"
#include "support/manual_clock.h"

namespace eddy::host {
namespace {

using namespace std::chrono_literals;
using Kind = LetterLimit::Kind;

std::string id(int i) { return "id-" + std::to_string(i); }

class LetterLimitTest : public testing::Test {
 protected:
  // Uses up the letters of a fingerprint that are kept whatever happens.
  static void pass_the_first(LetterLimit& limit, const std::string& fingerprint) {
    for (std::uint32_t i = 0; i < LetterLimit::kFirst; ++i) {
      ASSERT_TRUE(limit.admit(fingerprint, "first-" + std::to_string(i)).first);
    }
  }
  static int kept(LetterLimit& limit, const std::string& fingerprint, int letters) {
    int count = 0;
    for (int i = 0; i < letters; ++i) count += limit.admit(fingerprint, id(i)).kind == Kind::kKeep ? 1 : 0;
    return count;
  }

  test::ManualClock clock_;
};

TEST_F(LetterLimitTest, WithoutLimitsEverythingIsKept) {
  LetterLimit limit({}, clock_);
  EXPECT_FALSE(limit.active());
  EXPECT_EQ(kept(limit, "a", 1000), 1000);
}

TEST_F(LetterLimitTest, TheFirstOfEachFingerprintAreKept) {
  LetterLimit limit({.sample = 0}, clock_);
  EXPECT_TRUE(limit.active());
  EXPECT_EQ(kept(limit, "a", 1000), 10);
  EXPECT_EQ(kept(limit, "b", 1000), 10);
  EXPECT_EQ(limit.admit("a", "x").kind, Kind::kSampledOut);
}

TEST_F(LetterLimitTest, AShareOfTheOthersIsKept) {
  LetterLimit limit({.sample = 0.25}, clock_);
  pass_the_first(limit, "a");
  EXPECT_NEAR(kept(limit, "a", 20'000), 5000, 300);
}

TEST_F(LetterLimitTest, TheSameLetterIsDecidedTheSame) {
  LetterLimit limit({.sample = 0.5}, clock_), other({.sample = 0.5}, clock_);
  pass_the_first(limit, "a");
  pass_the_first(other, "b");
  for (int i = 0; i < 1000; ++i) {
    const Kind first = limit.admit("a", id(i)).kind;
    EXPECT_EQ(limit.admit("a", id(i)).kind, first) << i;
    EXPECT_EQ(other.admit("b", id(i)).kind, first) << "also after a restart, and by another worker";
  }
}

TEST_F(LetterLimitTest, AnAbortedUnitGivesTheFirstBack) {
  LetterLimit limit({.sample = 0}, clock_);
  for (int round = 0; round < 5; ++round) {
    std::vector<LetterLimit::Verdict> unit;
    for (int i = 0; i < 20; ++i) unit.push_back(limit.admit("a", id(i)));
    for (const auto& verdict : unit) limit.undo("a", verdict);
  }
  EXPECT_EQ(kept(limit, "a", 20), 10);
}

TEST_F(LetterLimitTest, AboveTheCapItWaits) {
  LetterLimit limit({.max_per_second = 4}, clock_);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(limit.admit("a", id(i)).kind, Kind::kKeep);
  const auto verdict = limit.admit("a", id(4));
  EXPECT_EQ(verdict.kind, Kind::kWait) << "also one of the first: nothing is lost by waiting";
  EXPECT_EQ(verdict.until_us, clock_.now_us() + 250'000);
  clock_.advance(std::chrono::microseconds(verdict.until_us - clock_.now_us() - 1));
  EXPECT_EQ(limit.admit("a", id(4)).kind, Kind::kWait);
  clock_.advance(1us);
  EXPECT_EQ(limit.admit("a", id(4)).kind, Kind::kKeep);
  EXPECT_EQ(limit.admit("a", id(5)).kind, Kind::kWait);
}

TEST_F(LetterLimitTest, TheCapHoldsOverTime) {
  LetterLimit limit({.max_per_second = 100}, clock_);
  int kept = 0;
  for (int ms = 0; ms < 10'000; ++ms) {
    while (limit.admit("a", id(kept)).kind == Kind::kKeep) ++kept;
    clock_.advance(1ms);
  }
  EXPECT_NEAR(kept, 100 + 1000, 2) << "a second's worth at once, then the rate";
}

TEST_F(LetterLimitTest, AnAbortedUnitDoesNotUseTheCap) {
  LetterLimit limit({.max_per_second = 4}, clock_);
  for (int round = 0; round < 5; ++round) {
    std::vector<LetterLimit::Verdict> unit;
    for (int i = 0; i < 4; ++i) unit.push_back(limit.admit("a", id(i)));
    for (const auto& verdict : unit) {
      EXPECT_EQ(verdict.kind, Kind::kKeep) << round;
      limit.undo("a", verdict);
    }
    limit.undo("a", {.kind = Kind::kWait});
    limit.undo("a", {.kind = Kind::kSampledOut});
  }
  for (int i = 0; i < 4; ++i) EXPECT_EQ(limit.admit("a", id(i)).kind, Kind::kKeep);
  EXPECT_EQ(limit.admit("a", "x").kind, Kind::kWait) << "and gets no more than there is";
}

TEST_F(LetterLimitTest, AboveTheCapItMaySampleAllTheSame) {
  LetterLimit limit({.max_per_second = 20, .on_overflow = OnOverflow::kSample}, clock_);
  EXPECT_EQ(kept(limit, "a", 1000), 20);
  EXPECT_EQ(limit.admit("a", "x").kind, Kind::kCapped);
  EXPECT_EQ(kept(limit, "b", 1000), 10) << "the first of a cause are kept whatever the cap";
  clock_.advance(500ms);
  EXPECT_EQ(kept(limit, "a", 1000), 0) << "they are made up for";
  clock_.advance(1s);
  EXPECT_EQ(kept(limit, "a", 1000), 20);
}

TEST_F(LetterLimitTest, WhatIsSampledOutDoesNotUseTheCap) {
  LetterLimit limit({.sample = 0, .max_per_second = 11}, clock_);
  EXPECT_EQ(kept(limit, "a", 1000), 10);
  EXPECT_EQ(limit.admit("b", "x").kind, Kind::kKeep);
  EXPECT_EQ(limit.admit("b", "y").kind, Kind::kWait);
}

TEST_F(LetterLimitTest, FingerprintsWithoutEndDoNotFillTheMemory) {
  LetterLimit limit({.sample = 0}, clock_);
  const int many = static_cast<int>(LetterLimit::kMostFingerprints) * 3;
  pass_the_first(limit, "seen often");
  for (int i = 0; i < many; ++i) {
    EXPECT_EQ(limit.admit("rare " + std::to_string(i), "x").kind, Kind::kKeep);
    if (i % 1000 == 0) {
      EXPECT_EQ(limit.admit("seen often", "x").kind, Kind::kSampledOut) << "is remembered";
    }
  }
  pass_the_first(limit, "rare 0");  // was forgotten
}

TEST_F(LetterLimitTest, NewSettingsCountAtOnce) {
  LetterLimit limit({}, clock_);
  limit.configure({.sample = 0});
  EXPECT_EQ(kept(limit, "a", 100), 10);
  limit.configure({.max_per_second = 3});
  EXPECT_EQ(kept(limit, "a", 100), 3);
  limit.configure({});
  EXPECT_EQ(kept(limit, "a", 100), 100);
}

TEST_F(LetterLimitTest, AClockThatIsSetBackGivesNothingAndStopsNothing) {
  LetterLimit limit({.max_per_second = 2}, clock_);
  EXPECT_EQ(kept(limit, "a", 10), 2);
  clock_.advance(-1h);
  const auto verdict = limit.admit("a", "x");
  EXPECT_EQ(verdict.kind, Kind::kWait);
  EXPECT_EQ(verdict.until_us, clock_.now_us() + 500'000);
}

TEST_F(LetterLimitTest, ManyWorkersKeepWhatOneWould) {
  LetterLimit limit({.sample = 0, .max_per_second = 1000}, clock_);
  std::atomic<int> kept = 0;
  std::vector<std::thread> workers;
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back([&] {
      for (int n = 0; n < 2000; ++n) {
        const auto verdict = limit.admit("f" + std::to_string(n % 7), "x");
        if (verdict.kind == Kind::kKeep) ++kept;
      }
    });
  }
  for (auto& worker : workers) worker.join();
  EXPECT_EQ(kept, 70);
}

}  // namespace
}  // namespace eddy::host
