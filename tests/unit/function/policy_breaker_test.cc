// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "function/policy/breaker.h"
#include "support/manual_clock.h"

namespace eddy::host {
namespace {

using namespace std::chrono_literals;
using Gate = Breaker::Gate;
using State = Breaker::State;
using testing::HasSubstr;

BreakerSettings on() { return {.given = true}; }

class BreakerTest : public testing::Test {
 protected:
  static bool fail(Breaker& breaker, bool probe = false) { return breaker.failed("E", "out", false, probe); }
  static bool down(Breaker& breaker) { return breaker.failed("Down", "database", true, false); }
  // As many failures as open it.
  static void open(Breaker& breaker) {
    for (int i = 0; breaker.state() == State::kClosed && i < 1000; ++i) fail(breaker);
    ASSERT_EQ(breaker.state(), State::kOpen);
  }

  test::ManualClock clock_;
};

TEST_F(BreakerTest, FailuresInARowOpenItAndSoManyAreDeadLettersAtMost) {
  Breaker breaker(on(), clock_);
  for (int i = 1; i <= 5; ++i) {
    EXPECT_EQ(breaker.admit(), Gate::kCall) << i;
    EXPECT_TRUE(fail(breaker)) << i;
  }
  EXPECT_EQ(breaker.state(), State::kOpen);
  EXPECT_EQ(breaker.admit(), Gate::kWait);
  EXPECT_FALSE(fail(breaker)) << "a call that was under way: its record stays";
  EXPECT_EQ(breaker.due_us(), clock_.now_us() + 60'000'000);
  EXPECT_EQ(breaker.reason(), "5 failures in a row, the last: E: out");
  EXPECT_EQ(breaker.epoch(), 1u);
}

TEST_F(BreakerTest, ASuccessEndsTheRow) {
  Breaker breaker(on(), clock_);
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(fail(breaker));
    breaker.succeeded(false);
  }
  EXPECT_EQ(breaker.state(), State::kClosed);
  EXPECT_EQ(breaker.epoch(), 0u);
  EXPECT_EQ(breaker.reason(), "");
}

TEST_F(BreakerTest, ARowOfMixedTypesIsARow) {
  Breaker breaker(on(), clock_);
  for (int i = 0; i < 5; ++i) breaker.failed("T" + std::to_string(i), "m", false, false);
  EXPECT_EQ(breaker.reason(), "5 failures in a row, the last: T4: m");
}

TEST_F(BreakerTest, OffItLetsAllThrough) {
  Breaker breaker(BreakerSettings{}, clock_);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(fail(breaker));
  EXPECT_EQ(breaker.admit(), Gate::kCall);
}

TEST_F(BreakerTest, ADependencyThatIsDownOpensItAtOnceAlsoWhenItIsOff) {
  for (const BreakerSettings& settings : {on(), BreakerSettings{}}) {
    Breaker breaker(settings, clock_);
    EXPECT_FALSE(down(breaker)) << "no dead letter at all";
    EXPECT_EQ(breaker.admit(), Gate::kWait);
    EXPECT_EQ(breaker.due_us(), clock_.now_us() + 60'000'000);
    EXPECT_THAT(breaker.reason(), HasSubstr("depends on is down, the last: Down: database"));
    clock_.advance(60s);
    EXPECT_EQ(breaker.admit(), Gate::kProbe);
    breaker.succeeded(true);
    EXPECT_EQ(breaker.admit(), Gate::kCall);
  }
}

TEST_F(BreakerTest, AfterItsTimeOneProbeDecides) {
  Breaker breaker(on(), clock_);
  open(breaker);
  clock_.advance(60s - 1us);
  EXPECT_EQ(breaker.admit(), Gate::kWait);
  clock_.advance(1us);
  EXPECT_EQ(breaker.admit(), Gate::kProbe);
  EXPECT_EQ(breaker.state(), State::kHalfOpen);
  EXPECT_EQ(breaker.admit(), Gate::kWait) << "one probe at a time";
  EXPECT_FALSE(fail(breaker, true)) << "the probe's record stays";
  EXPECT_EQ(breaker.state(), State::kOpen);
  EXPECT_EQ(breaker.epoch(), 2u);
  EXPECT_EQ(breaker.reason(), "a probe failed, the last: E: out");
  clock_.advance(60s);
  EXPECT_EQ(breaker.admit(), Gate::kProbe);
  breaker.succeeded(true);
  EXPECT_EQ(breaker.state(), State::kClosed);
  EXPECT_EQ(breaker.reason(), "");
  EXPECT_EQ(breaker.epoch(), 2u) << "closing is no opening";
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(fail(breaker)) << "the row begins anew";
  EXPECT_EQ(breaker.admit(), Gate::kCall);
}

TEST_F(BreakerTest, SeveralProbesMustAllSucceed) {
  BreakerSettings settings = on();
  settings.probes = 3;
  Breaker breaker(settings, clock_);
  open(breaker);
  clock_.advance(60s);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(breaker.admit(), Gate::kProbe);
  EXPECT_EQ(breaker.admit(), Gate::kWait);
  breaker.succeeded(true);
  EXPECT_EQ(breaker.admit(), Gate::kWait) << "a success is no free place";
  breaker.succeeded(true);
  EXPECT_EQ(breaker.state(), State::kHalfOpen);
  breaker.succeeded(true);
  EXPECT_EQ(breaker.state(), State::kClosed);
}

TEST_F(BreakerTest, AProbeThatSaysNothingGivesItsPlaceBack) {
  Breaker breaker(on(), clock_);
  open(breaker);
  clock_.advance(60s);
  EXPECT_EQ(breaker.admit(), Gate::kProbe);
  breaker.released();
  EXPECT_EQ(breaker.state(), State::kHalfOpen);
  EXPECT_EQ(breaker.admit(), Gate::kProbe);
}

TEST_F(BreakerTest, AProbeThatIsLostGivesItsPlaceBackInTheEnd) {
  Breaker breaker(on(), clock_);
  open(breaker);
  clock_.advance(60s);
  EXPECT_EQ(breaker.admit(), Gate::kProbe);
  clock_.advance(60s - 1us);
  EXPECT_EQ(breaker.admit(), Gate::kWait);
  clock_.advance(1us);
  EXPECT_EQ(breaker.admit(), Gate::kProbe);
}

TEST_F(BreakerTest, HalfOpenItIsWorthAskingSoon) {
  Breaker breaker(on(), clock_);
  open(breaker);
  clock_.advance(60s);
  EXPECT_EQ(breaker.admit(), Gate::kProbe);
  EXPECT_LE(breaker.due_us(), clock_.now_us() + 100'000);
  EXPECT_GT(breaker.due_us(), clock_.now_us());
}

TEST_F(BreakerTest, CallsFromBeforeSayNothingAboutAProbe) {
  Breaker breaker(on(), clock_);
  open(breaker);
  breaker.succeeded(false);
  EXPECT_EQ(breaker.state(), State::kOpen);
  clock_.advance(60s);
  EXPECT_EQ(breaker.admit(), Gate::kProbe);
  breaker.succeeded(false);
  EXPECT_EQ(breaker.state(), State::kHalfOpen);
  EXPECT_FALSE(fail(breaker));
  EXPECT_EQ(breaker.state(), State::kHalfOpen);
  EXPECT_EQ(breaker.epoch(), 1u);
}

TEST_F(BreakerTest, FailingFastDeadLettersEverything) {
  BreakerSettings settings = on();
  settings.on_open = OnOpen::kDeadLetter;
  Breaker breaker(settings, clock_);
  EXPECT_TRUE(down(breaker)) << "nothing stays, so it is a letter with its own reason";
  EXPECT_EQ(breaker.admit(), Gate::kFailFast);
  EXPECT_TRUE(fail(breaker));
  clock_.advance(60s);
  EXPECT_EQ(breaker.admit(), Gate::kProbe);
  EXPECT_EQ(breaker.admit(), Gate::kFailFast);
  EXPECT_TRUE(fail(breaker, true));
  EXPECT_EQ(breaker.state(), State::kOpen);
}

TEST_F(BreakerTest, AShareOfFailuresOpensItWhenThereWereEnoughCalls) {
  BreakerSettings settings = on();
  settings.consecutive_failures = 0;
  settings.failure_ratio = 0.5;
  settings.min_calls = 10;
  Breaker breaker(settings, clock_);
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(fail(breaker));
    breaker.succeeded(false);
  }
  EXPECT_EQ(breaker.state(), State::kClosed) << "8 calls are too few";
  breaker.succeeded(false);
  EXPECT_TRUE(fail(breaker));
  EXPECT_EQ(breaker.state(), State::kOpen) << "5 of 10";
  EXPECT_EQ(breaker.reason(), "5 of 10 calls failed within 60000 ms, the last: E: out");
}

TEST_F(BreakerTest, AShareBelowTheLimitLetsItClosed) {
  BreakerSettings settings = on();
  settings.consecutive_failures = 0;
  settings.failure_ratio = 0.5;
  Breaker breaker(settings, clock_);
  for (int i = 0; i < 1000; ++i) {
    breaker.succeeded(false);
    breaker.succeeded(false);
    EXPECT_TRUE(fail(breaker));
  }
  EXPECT_EQ(breaker.state(), State::kClosed);
}

TEST_F(BreakerTest, CallsOutsideOfTheWindowDoNotCount) {
  BreakerSettings settings = on();
  settings.consecutive_failures = 0;
  settings.failure_ratio = 0.5;
  Breaker breaker(settings, clock_);
  for (int i = 0; i < 1000; ++i) breaker.succeeded(false);
  EXPECT_TRUE(fail(breaker));
  clock_.advance(70s);
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(fail(breaker));
  EXPECT_EQ(breaker.state(), State::kClosed) << "9 calls are too few";
  EXPECT_TRUE(fail(breaker));
  EXPECT_EQ(breaker.state(), State::kOpen) << "the thousand are forgotten";
}

TEST_F(BreakerTest, AfterClosingTheWindowIsEmpty) {
  BreakerSettings settings = on();
  settings.consecutive_failures = 0;
  settings.failure_ratio = 0.5;
  settings.reset_timeout_ms = 1;
  Breaker breaker(settings, clock_);
  open(breaker);
  clock_.advance(1ms);
  EXPECT_EQ(breaker.admit(), Gate::kProbe);
  breaker.succeeded(true);
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(fail(breaker));
  EXPECT_EQ(breaker.state(), State::kClosed);
}

TEST_F(BreakerTest, NewSettingsCountFromTheNextCall) {
  Breaker breaker(on(), clock_);
  for (int i = 0; i < 4; ++i) fail(breaker);
  BreakerSettings fewer = on();
  fewer.consecutive_failures = 2;
  breaker.configure(fewer);
  EXPECT_FALSE(fail(breaker)) << "beyond the number that holds now";
  EXPECT_EQ(breaker.state(), State::kOpen);

  Breaker turned_off(on(), clock_);
  for (int i = 0; i < 4; ++i) fail(turned_off);
  turned_off.configure({});
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(fail(turned_off));
  turned_off.configure(on());
  EXPECT_TRUE(fail(turned_off));
  EXPECT_EQ(turned_off.state(), State::kClosed) << "failures while it was off do not count";
}

TEST_F(BreakerTest, AnOpenOneStaysOpenUntilItsTimeWhenTurnedOff) {
  Breaker breaker(on(), clock_);
  open(breaker);
  breaker.configure({});
  EXPECT_EQ(breaker.admit(), Gate::kWait);
  clock_.advance(60s);
  EXPECT_EQ(breaker.admit(), Gate::kProbe);
  breaker.succeeded(true);
  EXPECT_EQ(breaker.admit(), Gate::kCall);
}

TEST_F(BreakerTest, AClockThatIsSetBackDoesNotKeepItOpenForLonger) {
  Breaker breaker(on(), clock_);
  open(breaker);
  clock_.set_wall_clock_back(1h);
  EXPECT_EQ(breaker.admit(), Gate::kWait);
  EXPECT_EQ(breaker.due_us(), clock_.now_us() + 60'000'000);
  clock_.advance(60s);
  EXPECT_EQ(breaker.admit(), Gate::kProbe);
}

TEST_F(BreakerTest, ReasonsAreOneShortLine) {
  Breaker breaker(on(), clock_);
  breaker.failed("E", "a\nb" + std::string(298, 'x') + "\xc3\xa9" + std::string(5000, 'y'), true, false);
  EXPECT_THAT(breaker.reason(), testing::EndsWith(std::string(10, 'x') + "..."));
  EXPECT_THAT(breaker.reason(), HasSubstr("E: a b"));
  EXPECT_LT(breaker.reason().size(), 400u);
}

// As many workers fail at once as they like: the number of letters is exact.
TEST_F(BreakerTest, OverAllWorkersSoManyLettersAndNoMore) {
  for (int round = 0; round < 50; ++round) {
    BreakerSettings settings = on();
    settings.consecutive_failures = 100;
    Breaker breaker(settings, clock_);
    std::atomic<int> letters = 0, calls = 0;
    std::vector<std::thread> workers;
    for (int i = 0; i < 4; ++i) {
      workers.emplace_back([&] {
        while (breaker.admit() == Gate::kCall) {
          ++calls;
          if (fail(breaker)) ++letters;
        }
      });
    }
    for (auto& worker : workers) worker.join();
    EXPECT_EQ(letters, 100);
    EXPECT_GE(calls, 100);
    EXPECT_EQ(breaker.epoch(), 1u);
  }
}

TEST_F(BreakerTest, OnlySoManyProbesAreOutAtOnce) {
  BreakerSettings settings = on();
  settings.probes = 2;
  Breaker breaker(settings, clock_);
  open(breaker);
  clock_.advance(60s);
  constexpr int kWorkers = 4, kShare = 500;
  std::atomic<int> out = 0, most = 0, taken = 0;
  std::vector<std::thread> workers;
  for (int i = 0; i < kWorkers; ++i) {
    workers.emplace_back([&] {
      for (int share = 0; share < kShare; ++share) {
        while (breaker.admit() != Gate::kProbe) std::this_thread::yield();
        const int now = ++out;
        int seen = most;
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        ++taken;
        --out;
        breaker.released();
      }
    });
  }
  for (auto& worker : workers) worker.join();
  EXPECT_LE(most, 2);
  EXPECT_EQ(taken, kWorkers * kShare);
  EXPECT_EQ(breaker.state(), State::kHalfOpen);
}

}  // namespace
}  // namespace eddy::host
