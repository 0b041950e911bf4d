// SPDX-License-Identifier: Apache-2.0
#include "runtime/quarantine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/manual_clock.h"

namespace eddy::host {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class QuarantineTest : public testing::Test {
 protected:
  bool fault(bool in_setup = false) { return quarantine_.fault(settings_, "function f faulted", in_setup); }
  void use_up() {
    for (int i = 0; i < 3; ++i) ASSERT_FALSE(fault()) << i;
  }
  // How long it is held after the next fault, which is to be one too many.
  std::int64_t next_hold_ms() {
    EXPECT_TRUE(fault());
    return (*quarantine_.until_us() - clock_.now_us()) / 1000;
  }
  void serve() {
    clock_.advance(std::chrono::microseconds(*quarantine_.until_us() - clock_.now_us()));
    ASSERT_TRUE(quarantine_.due());
    quarantine_.release();
  }

  test::ManualClock clock_;
  QuarantineSettings settings_{.max_faults = 3,
                               .max_setup_faults = 2,
                               .window_ms = 10'000,
                               .initial_ms = 100,
                               .max_ms = 350,
                               .healthy_ms = 5000};
  Quarantine quarantine_{clock_};
};

TEST_F(QuarantineTest, OneFaultTooManyInTheWindowTakesItOut) {
  use_up();
  EXPECT_FALSE(quarantine_.held());
  EXPECT_TRUE(fault());
  EXPECT_TRUE(quarantine_.held());
  EXPECT_EQ(quarantine_.why(), "function f faulted, the plugin's fault number 4 within 10000 ms");
  EXPECT_EQ(quarantine_.since_us(), clock_.now_us());
  EXPECT_EQ(quarantine_.until_us(), clock_.now_us() + 100'000);
}

TEST_F(QuarantineTest, FaultsFarApartNeverDo) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_FALSE(fault()) << i;
    clock_.advance(3400ms);
  }
  settings_.max_faults = 0;
  for (int i = 0; i < 100; ++i) ASSERT_FALSE(fault()) << "nor does any number with max_faults: 0";
}

TEST_F(QuarantineTest, ItIsReleasedByTimeAndNotBefore) {
  use_up();
  EXPECT_TRUE(fault());
  clock_.advance(99ms);
  EXPECT_FALSE(quarantine_.due());
  clock_.advance(1ms);
  EXPECT_TRUE(quarantine_.due());
  quarantine_.release();
  EXPECT_FALSE(quarantine_.held());
  EXPECT_FALSE(quarantine_.due());
}

TEST_F(QuarantineTest, FaultsAfterTheReleaseDoubleTheTimeUpToItsLimit) {
  use_up();
  EXPECT_EQ(next_hold_ms(), 100);
  for (const std::int64_t expected : {200, 350, 350}) {
    serve();
    clock_.advance(40ms);
    EXPECT_EQ(next_hold_ms(), expected);
    EXPECT_THAT(quarantine_.why(), HasSubstr("faulted again, 40 ms after its release"));
  }
}

TEST_F(QuarantineTest, HealthForAWhileStartsAnew) {
  use_up();
  EXPECT_EQ(next_hold_ms(), 100);
  serve();
  EXPECT_EQ(next_hold_ms(), 200);
  serve();
  clock_.advance(5001ms);
  use_up();
  EXPECT_EQ(next_hold_ms(), 100);
}

TEST_F(QuarantineTest, SetUpsThatFaultInARowDoSooner) {
  EXPECT_FALSE(fault(true));
  EXPECT_FALSE(fault(false)) << "it was set up, so it made progress";
  EXPECT_FALSE(fault(true));
  EXPECT_TRUE(fault(true));
  EXPECT_THAT(quarantine_.why(), HasSubstr("in its set-up 2 times in a row"));
}

TEST_F(QuarantineTest, HeldForGoodIsReleasedByHandOnly) {
  quarantine_.hold_for_good("on_fault is quarantine");
  clock_.advance(24h);
  EXPECT_FALSE(quarantine_.due());
  EXPECT_EQ(quarantine_.until_us(), std::nullopt);
  quarantine_.release();
  EXPECT_FALSE(quarantine_.held());
  EXPECT_EQ(next_hold_ms(), 100) << "on probation, and for the first time";
}

}  // namespace
}  // namespace eddy::host
