// SPDX-License-Identifier: Apache-2.0
// What becomes of plugins: whose life goes on when files, faults and new builds come at the same time.
#include "runtime/plugin_life.h"

#include <semaphore>

#include "function/call.h"
#include "stream/embedded/embedded.h"
#include "support/manual_clock.h"
#include "unit/plugin/zoo.h"

namespace eddy::host {
namespace {

using State = PluginStatus::State;
using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::Key;

class PluginLifeTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_TRUE(install_guard()); }

  static LoaderOptions options(const TempDir& state) {
    LoaderOptions options = loader_options(state);
    options.host = host_table();
    return options;
  }

  bool scan() { return life_.scan(stamps_of(directory_), settings_); }
  std::uint64_t generation(const std::string& function) {
    const auto found = registry_.topology().functions.find(function);
    return found == registry_.topology().functions.end() ? 0 : found->second.image->generation;
  }
  PluginRecord record(const std::string& file) {
    for (PluginRecord& record : life_.records()) {
      if (record.status.file == directory_ / file) return std::move(record);
    }
    ADD_FAILURE() << file << " is not there";
    return {};
  }
  std::vector<std::string> history(const std::string& file) {
    std::vector<std::string> events;
    for (const PluginEvent& event : record(file).history) events.push_back(event.what);
    return events;
  }
  void fault(const std::string& plugin, OnFault policy) {
    EXPECT_TRUE(life_.fault({.plugin = plugin,
                             .what = "function " + plugin,
                             .generation = generation(plugin),
                             .policy = policy,
                             .movable = true},
                            settings_));
  }
  // Once the trial that runs has ended.
  void tend_after_trial() {
    trials_ended_.acquire();
    life_.tend(settings_);
  }
  void let_in_on_canary() {
    settings_.reload = ReloadPolicy::kCanary;
    directory_.put("good");
    scan();
    directory_.put("good_v2", "good.so");
    scan();
    tend_after_trial();
    ASSERT_EQ(record("good.so").status.identity.version, "2.0.0");
    ASSERT_TRUE(record("good.so").canary->live);
  }
  // Other bytes of version 1.
  void drop_next_build() {
    directory_.write("good.so", bytes_of(zoo("good")) + "next");
    scan();
    ASSERT_FALSE(record("good.so").canary->live) << "it is tried";
  }

  TempDir state_, directory_, data_;
  const std::unique_ptr<Transport> store_ = *open_embedded({.data_dir = data_.path()});
  test::ManualClock clock_;
  Metrics metrics_{"test", "test"};
  Settings settings_;
  std::counting_semaphore<> trials_ended_{0};
  Registry registry_{directory_.path(), Loader(options(state_))};
  PluginLife life_{registry_, *store_, metrics_, clock_, state_.path(), nullptr, [this] { trials_ended_.release(); }};
};

TEST_F(PluginLifeTest, ARefusedDuplicateThatGoesLeavesTheQuarantineOfThePluginThatRuns) {
  directory_.put("segv");
  scan();
  directory_.put("segv", "zz.so");
  scan();
  ASSERT_EQ(record("zz.so").status.state, State::kRefused);
  fault("bad_segv", OnFault::kQuarantine);
  ASSERT_TRUE(record("segv.so").held);
  fs::remove(directory_ / "zz.so");
  scan();
  EXPECT_TRUE(record("segv.so").held);
  const Result<void> released = life_.release("bad_segv");
  EXPECT_TRUE(released) << released.error().text;
  EXPECT_EQ(record("segv.so").status.state, State::kRunning);
}

TEST_F(PluginLifeTest, ARemovedPluginTakesItsQuarantineAlong) {
  directory_.put("segv");
  scan();
  fault("bad_segv", OnFault::kQuarantine);
  fs::remove(directory_ / "segv.so");
  scan();
  EXPECT_EQ(life_.release("bad_segv").error().code, Code::kBadData);
}

TEST_F(PluginLifeTest, WhatIsIsolatedIsTheBuildThatRuns) {
  directory_.put("good", "zz.so");
  scan();
  const std::string sha256 = record("zz.so").status.identity.sha256;
  directory_.put("good_v2", "aa.so");  // refused, and the first by name
  scan();
  ASSERT_EQ(record("aa.so").status.state, State::kRefused);
  life_.fault_before_restart({.plugin = "good", .what = "function good", .policy = OnFault::kIsolate, .movable = true});
  EXPECT_TRUE(life_.isolated().contains(sha256));
}

TEST_F(PluginLifeTest, ABuildOnItsTrialOutlivesTheRollbackOfTheOneBefore) {
  let_in_on_canary();
  drop_next_build();
  ASSERT_TRUE(life_.roll_back("good"));
  tend_after_trial();
  EXPECT_THAT(history("good.so"),
              testing::ElementsAre("loaded", "loaded", "canary", "rolled_back", "loaded", "canary"));
  EXPECT_EQ(record("good.so").status.identity.version, "1.0.0");
}

TEST_F(PluginLifeTest, ABuildOnItsTrialComesInWhenItsPredecessorIsTakenOut) {
  settings_.reload = ReloadPolicy::kCanary;
  directory_.put("good");
  scan();
  directory_.put("good_v2", "good.so");
  scan();
  fault("good", OnFault::kQuarantine);
  const PluginRecord good = record("good.so");
  EXPECT_EQ(good.status.state, State::kRunning);
  EXPECT_EQ(good.status.identity.version, "2.0.0");
  EXPECT_FALSE(good.held);
  EXPECT_FALSE(good.canary);
}

TEST_F(PluginLifeTest, ABuildOnCanaryStaysBesideItsPredecessorWhereverItGoesOn) {
  for (const OnFault policy : {OnFault::kIsolate, OnFault::kContinue}) {
    fs::remove(directory_ / "good.so");
    scan();
    let_in_on_canary();
    fault("good", policy);
    EXPECT_THAT(life_.canary_plans(), Contains(Key(generation("good"))));
    EXPECT_TRUE(life_.reload("good"));
    EXPECT_THAT(life_.canary_plans(), Contains(Key(generation("good"))));
  }
}

}  // namespace
}  // namespace eddy::host
