// SPDX-License-Identifier: Apache-2.0
// A changed build on its way in: it waits, is let in beside its predecessor, stays, or goes back.
#include "keys.h"
#include "plugin/registry.h"
#include "registry_fixture.h"

namespace eddy::host {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class RegistryCanaryTest : public RegistryTest {
 protected:
  // Version 1 runs, version 2 waits.
  void SetUp() override {
    directory_.put("good");
    scan();
    registry_.hold_changes(true);
    directory_.put("good_v2", "good.so");
    change_ = scan();
    ASSERT_EQ(change_.waiting.size(), 1u);
    generation_ = change_.waiting.front().candidate->generation;
  }

  Registry::Change change_;
  std::uint64_t generation_ = 0;
};

TEST_F(RegistryCanaryTest, AChangedBuildWaits) {
  EXPECT_FALSE(change_.topology_changed);
  EXPECT_THAT(change_.events, IsEmpty());
  const Registry::Waiting& waiting = change_.waiting.front();
  EXPECT_EQ(waiting.plugin, "good");
  EXPECT_EQ(waiting.stable, function("good")->image);
  EXPECT_EQ(running_version("good"), "1.0.0");
  directory_.put("segv");
  EXPECT_THAT(scan().waiting, IsEmpty()) << "a new plugin has nobody to be held against";
  EXPECT_EQ(running_version("good"), "1.0.0") << "and its coming lets nobody else in";
}

TEST_F(RegistryCanaryTest, ItIsLetInBesideItsPredecessor) {
  const ImagePtr before = function("good")->image;
  EXPECT_THAT(registry_.admit("good", generation_ + 1).events, IsEmpty()) << "another one";
  const Registry::Change admitted = registry_.admit("good", generation_);
  EXPECT_TRUE(admitted.topology_changed);
  EXPECT_EQ(running_version("good"), "2.0.0");
  const auto both = registry_.on_canary("good");
  ASSERT_TRUE(both);
  EXPECT_EQ(both->first, function("good")->image);
  EXPECT_EQ(both->second, before);
  EXPECT_EQ(status("good.so").previous_version, "1.0.0");
  registry_.promote("good");
  EXPECT_FALSE(registry_.on_canary("good"));
}

TEST_F(RegistryCanaryTest, ItIsTurnedAway) {
  const Registry::Change change = registry_.turn_away("good", generation_, "it fails more");
  ASSERT_EQ(change.events.size(), 1u);
  EXPECT_THAT(change.events.front().reason, HasSubstr("good.so: canary: it fails more; version 1.0.0 of it, loaded "
                                                      "before, goes on"));
  EXPECT_EQ(running_version("good"), "1.0.0");
  EXPECT_THAT(registry_.admit("good", generation_).events, IsEmpty());
}

TEST_F(RegistryCanaryTest, ANextBuildIsHeldAgainstTheSamePredecessor) {
  const ImagePtr before = function("good")->image;
  registry_.admit("good", generation_);
  directory_.put("good", "good.so");
  const Registry::Change change = scan();
  ASSERT_EQ(change.waiting.size(), 1u);
  EXPECT_EQ(change.waiting.front().stable, before);
  registry_.admit("good", change.waiting.front().candidate->generation);
  EXPECT_EQ(registry_.on_canary("good")->second, before);
}

TEST_F(RegistryCanaryTest, RolledBackItDoesNotComeAgainUntilSomebodySaysSo) {
  registry_.admit("good", generation_);
  const Result<ImagePtr> back = registry_.roll_back("good", "it was rolled back");
  ASSERT_TRUE(back) << back.error().text;
  EXPECT_EQ(running_version("good"), "1.0.0");
  EXPECT_EQ(function("good")->image, *back);
  EXPECT_EQ(status("good.so").reason, "it was rolled back");
  EXPECT_EQ(registry_.roll_back("good", "again").error().code, Code::kConflict);
  EXPECT_EQ(registry_.roll_back("nobody", "").error().code, Code::kBadData);
  directory_.put("good_v2", "good.so");
  EXPECT_THAT(scan().waiting, IsEmpty());
  EXPECT_THAT(status("good.so").reason, HasSubstr("found the one that was rolled back"));
  EXPECT_TRUE(registry_.forget_rolled_back("good"));
  EXPECT_FALSE(registry_.forget_rolled_back("good"));
  EXPECT_EQ(scan().waiting.size(), 1u);
}

TEST_F(RegistryCanaryTest, ABuildOfNoTrustedSignerDoesNotComeBackOnceItHasLeft) {
  const SecretKey key = SecretKey::generate("ops");
  registry_.admit("good", generation_);
  registry_.promote("good");
  registry_.set_trust(trust_in({&key}));
  const Result<ImagePtr> back = registry_.roll_back("good", "by hand");
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().code, Code::kConflict);
  EXPECT_THAT(back.error().text, HasSubstr("rollback: expected version 1.0.0 to be signed by a trusted key, found one "
                                           "that is not signed; sign that version"));
  EXPECT_EQ(running_version("good"), "2.0.0");
  EXPECT_EQ(status("good.so").previous_version, "1.0.0");
  registry_.set_trust({});
  EXPECT_TRUE(registry_.roll_back("good", "by hand")) << "nobody asks who signed it";
}

TEST_F(RegistryCanaryTest, WhatStillRunsOnCanaryGoesOnWhoeverSignedIt) {
  const SecretKey key = SecretKey::generate("ops");
  registry_.admit("good", generation_);
  registry_.set_trust(trust_in({&key}));
  EXPECT_TRUE(registry_.roll_back("good", "it fails more"));
  EXPECT_EQ(running_version("good"), "1.0.0");
}

TEST_F(RegistryCanaryTest, ItReplacesAPredecessorThatIsTakenOutMeanwhile) {
  const ImagePtr candidate = change_.waiting.front().candidate;
  EXPECT_THAT(registry_.let_in_for_quarantined("good").events, IsEmpty()) << "its predecessor runs";
  registry_.quarantine("good", "it faults");
  const Registry::Change change = registry_.let_in_for_quarantined("good");
  EXPECT_TRUE(change.topology_changed);
  ASSERT_EQ(change.events.size(), 1u);
  EXPECT_EQ(running_version("good"), "2.0.0");
  EXPECT_NE(function("good")->image, candidate) << "its trial may still poison that one";
  EXPECT_EQ(status("good.so").state, PluginStatus::State::kRunning);
  EXPECT_FALSE(registry_.on_canary("good"));
  EXPECT_THAT(registry_.admit("good", generation_).events, IsEmpty());
}

TEST_F(RegistryCanaryTest, APoisonedPredecessorComesBackAsAFreshCopy) {
  registry_.admit("good", generation_);
  const ImagePtr before = registry_.on_canary("good")->second;
  before->poisoned = true;
  const Result<ImagePtr> renewed = registry_.reload_previous("good");
  ASSERT_TRUE(renewed) << renewed.error().text;
  EXPECT_NE(*renewed, before);
  EXPECT_EQ((*renewed)->identity.sha256, before->identity.sha256);
  (*renewed)->poisoned = true;
  const Result<ImagePtr> back = registry_.roll_back("good", "it was rolled back");
  ASSERT_TRUE(back) << back.error().text;
  EXPECT_FALSE((*back)->poisoned);
  EXPECT_EQ(running_version("good"), "1.0.0");
}

}  // namespace
}  // namespace eddy::host
