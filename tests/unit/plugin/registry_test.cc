// SPDX-License-Identifier: Apache-2.0
#include "plugin/registry.h"

#include "registry_fixture.h"

namespace eddy::host {
namespace {

using State = PluginStatus::State;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(RegistryTest, AnEmptyDirectoryHasATopology) {
  EXPECT_FALSE(scan().topology_changed);
  EXPECT_TRUE(registry_.topology().streams.contains("eddy_dead_letters"));
}

TEST_F(RegistryTest, LoadsANewFile) {
  directory_.put("good");
  const Registry::Change change = scan();
  EXPECT_TRUE(change.topology_changed);
  ASSERT_THAT(change.events, SizeIs(1));
  EXPECT_EQ(change.events[0].state, State::kRunning);
  EXPECT_EQ(change.events[0].identity.name, "good");
  EXPECT_EQ(change.events[0].file, directory_ / "good.so");
  EXPECT_GT(change.events[0].generation, 0u);
  ASSERT_NE(function("good"), nullptr);
  EXPECT_THAT(registry_.images(), SizeIs(1));
}

TEST_F(RegistryTest, LooksOnlyOnceAtAFileThatDoesNotChange) {
  directory_.put("good");
  directory_.write("text_file.so", "not a plugin");
  EXPECT_THAT(scan().events, SizeIs(2));
  const ImagePtr image = function("good")->image;
  const Registry::Change again = scan();
  EXPECT_THAT(again.events, IsEmpty());
  EXPECT_FALSE(again.topology_changed);
  EXPECT_EQ(function("good")->image, image);
}

TEST_F(RegistryTest, SwapsAChangedFile) {
  directory_.put("good");
  scan();
  const std::uint64_t generation = function("good")->image->generation;
  directory_.put("good_v2", "good.so");
  const Registry::Change change = scan();
  EXPECT_TRUE(change.topology_changed);
  ASSERT_THAT(change.events, SizeIs(1));
  EXPECT_EQ(change.events[0].state, State::kRunning);
  EXPECT_EQ(running_version("good"), "2.0.0");
  EXPECT_GT(function("good")->image->generation, generation);
}

TEST_F(RegistryTest, IgnoresAFileWrittenAgainWithTheSameBytes) {
  directory_.put("good");
  scan();
  const ImagePtr image = function("good")->image;
  directory_.put("good");
  const Registry::Change change = scan();
  EXPECT_THAT(change.events, IsEmpty());
  EXPECT_FALSE(change.topology_changed);
  EXPECT_EQ(function("good")->image, image);
}

TEST_F(RegistryTest, ABadFileDisturbsNothing) {
  directory_.put("good");
  scan();
  const ImagePtr image = function("good")->image;
  for (const char* fault :
       {"no_note", "init_false", "unknown_stream", "cycle", "duplicate_function", "model_conflict"}) {
    directory_.put(fault);
    const Registry::Change change = scan();
    EXPECT_FALSE(change.topology_changed) << fault;
    ASSERT_THAT(change.events, SizeIs(1)) << fault;
    EXPECT_EQ(change.events[0].state, State::kRefused) << fault;
    EXPECT_THAT(change.events[0].reason, HasSubstr(directory_ / (std::string(fault) + ".so: "))) << fault;
    EXPECT_EQ(status(std::string(fault) + ".so").state, State::kRefused) << fault;
    EXPECT_EQ(function("good")->image, image) << fault;
  }
  EXPECT_THAT(status("duplicate_function.so").reason,
              AllOf(HasSubstr("topology: function \"good\""), HasSubstr("plugin good"),
                    HasSubstr("plugin bad_duplicate_function")));
  EXPECT_THAT(status("unknown_stream.so").reason, HasSubstr("did you mean \"bad_unknown_stream_out\""));
}

TEST_F(RegistryTest, ABadReplacementLeavesTheOldVersionRunning) {
  directory_.put("good");
  scan();
  const ImagePtr image = function("good")->image;
  directory_.write("good.so", "half a plugin");
  const Registry::Change change = scan();
  EXPECT_FALSE(change.topology_changed);
  ASSERT_THAT(change.events, SizeIs(1));
  EXPECT_EQ(change.events[0].state, State::kRefused);
  EXPECT_EQ(change.events[0].identity.name, "good") << "it is told as one of the plugin whose file it is";
  EXPECT_THAT(change.events[0].reason,
              AllOf(HasSubstr("found a text file"), HasSubstr("version 1.0.0 of it, loaded before, goes on")));
  EXPECT_EQ(function("good")->image, image);
  EXPECT_EQ(status("good.so").state, State::kRunning);
  EXPECT_THAT(status("good.so").reason, HasSubstr("found a text file"));
  directory_.put("good");
  EXPECT_FALSE(scan().topology_changed) << "the bytes that run came back";
  EXPECT_THAT(status("good.so").reason, IsEmpty());
  directory_.put("good_v2", "good.so");
  EXPECT_TRUE(scan().topology_changed);
  EXPECT_EQ(running_version("good"), "2.0.0");
}

TEST_F(RegistryTest, AReplacementThatSpoilsTheGraphIsRefusedForIt) {
  directory_.put("good");
  scan();
  directory_.put("cycle", "good.so");
  const Registry::Change change = scan();
  EXPECT_FALSE(change.topology_changed);
  ASSERT_THAT(change.events, SizeIs(1));
  EXPECT_THAT(change.events[0].reason, AllOf(HasSubstr("topology: transforms form a cycle"), HasSubstr("goes on")));
  EXPECT_EQ(running_version("good"), "1.0.0");
}

TEST_F(RegistryTest, ARemovedFileTakesItsFunctionsAlong) {
  directory_.put("good");
  directory_.put("segv");
  scan();
  fs::remove(directory_ / "good.so");
  const Registry::Change change = scan();
  EXPECT_TRUE(change.topology_changed);
  ASSERT_THAT(change.events, SizeIs(1));
  EXPECT_EQ(change.events[0].state, State::kRemoved);
  EXPECT_EQ(change.events[0].identity.name, "good");
  EXPECT_EQ(function("good"), nullptr);
  EXPECT_NE(function("bad_segv"), nullptr);
}

TEST_F(RegistryTest, OfTwoFilesOfOnePluginTheOneThatRunsWins) {
  directory_.put("good_v2", "b.so");
  scan();
  directory_.put("good", "a.so");
  const Registry::Change change = scan();
  EXPECT_FALSE(change.topology_changed);
  ASSERT_THAT(change.events, SizeIs(1));
  EXPECT_THAT(change.events[0].reason,
              AllOf(HasSubstr(directory_ / "a.so: topology: plugin good"), HasSubstr(directory_ / "b.so")));
  EXPECT_EQ(running_version("good"), "2.0.0");
  fs::remove(directory_ / "b.so");
  const Registry::Change swap = scan();
  EXPECT_TRUE(swap.topology_changed);
  EXPECT_EQ(running_version("good"), "1.0.0") << "the one that waited takes over, without being read again";
}

TEST_F(RegistryTest, OfTwoNewFilesOfOnePluginTheFirstNameWins) {
  directory_.put("good", "b.so");
  directory_.put("good_v2", "a.so");
  const Registry::Change change = scan();
  EXPECT_THAT(change.events, SizeIs(2));
  EXPECT_EQ(running_version("good"), "2.0.0");
  EXPECT_EQ(status("b.so").state, State::kRefused);
  EXPECT_THAT(status("b.so").reason, AllOf(HasSubstr("plugin good"), HasSubstr(directory_ / "a.so")));
}

TEST_F(RegistryTest, ANewNameForAPluginInOneScanIsASwap) {
  directory_.put("good", "good-1.so");
  scan();
  fs::remove(directory_ / "good-1.so");
  directory_.put("good_v2", "good-2.so");
  const Registry::Change change = scan();
  EXPECT_TRUE(change.topology_changed);
  EXPECT_EQ(running_version("good"), "2.0.0");
  EXPECT_THAT(registry_.images(), SizeIs(1));
}

TEST_F(RegistryTest, RefusesTheSameBytesUnderAnotherName) {
  directory_.put("good", "a.so");
  directory_.put("good", "duplicate.so");
  scan();
  EXPECT_EQ(status("duplicate.so").state, State::kRefused);
  EXPECT_THAT(status("duplicate.so").reason,
              AllOf(HasSubstr(directory_ / "duplicate.so: read: expected a plugin of its own"),
                    HasSubstr("found the same bytes as " + (directory_ / "a.so"))));
  fs::remove(directory_ / "a.so");
  EXPECT_TRUE(scan().topology_changed);
  EXPECT_EQ(status("duplicate.so").state, State::kRunning) << "it is alone now";
}

TEST_F(RegistryTest, TriesAgainWhatOnlyItsSurroundingsSpoilt) {
  directory_.put("good");
  ::chmod(directory_.path().c_str(), 0777);
  EXPECT_THAT(scan().events, SizeIs(1));
  EXPECT_THAT(scan().events, IsEmpty()) << "told once";
  ::chmod(directory_.path().c_str(), 0755);
  EXPECT_TRUE(scan().topology_changed) << "the file itself did not change";
  EXPECT_EQ(status("good.so").state, State::kRunning);
}

TEST_F(RegistryTest, AChangedModeIsAChange) {
  const std::string path = directory_.put("good");
  ::chmod(path.c_str(), 0757);
  scan();
  EXPECT_EQ(status("good.so").state, State::kRefused);
  const std::int64_t before = stamps_of(directory_).at(0).ctime_ns;
  // The clock of files has a grain: a change at once may leave the time that was there.
  do ::chmod(path.c_str(), 0755);
  while (stamps_of(directory_).at(0).ctime_ns == before);
  scan();
  EXPECT_EQ(status("good.so").state, State::kRunning);
}

TEST_F(RegistryTest, AReplacementThatTakesAwayWhatOthersReadIsRefused) {
  directory_.put("good");
  directory_.put("reader");
  EXPECT_TRUE(scan().topology_changed);
  ASSERT_NE(function("bad_reader"), nullptr);
  const ImagePtr reader = function("bad_reader")->image;
  directory_.put("good_moved", "good.so");
  const Registry::Change change = scan();
  EXPECT_FALSE(change.topology_changed);
  ASSERT_THAT(change.events, SizeIs(1));
  EXPECT_EQ(change.events[0].file, directory_ / "good.so");
  EXPECT_THAT(change.events[0].reason, AllOf(HasSubstr("function \"bad_reader\" of plugin bad_reader"),
                                             HasSubstr("found \"good_out\""), HasSubstr("goes on")));
  EXPECT_EQ(running_version("good"), "1.0.0");
  EXPECT_EQ(function("bad_reader")->image, reader);
}

TEST_F(RegistryTest, WhatNeedsARemovedPluginWaitsForItsReturn) {
  directory_.put("good");
  directory_.put("reader");
  scan();
  const ImagePtr reader = function("bad_reader")->image;
  fs::remove(directory_ / "good.so");
  EXPECT_TRUE(scan().topology_changed);
  EXPECT_EQ(function("bad_reader"), nullptr);
  EXPECT_EQ(status("reader.so").state, State::kRefused);
  EXPECT_THAT(status("reader.so").reason, HasSubstr("found \"good_out\""));
  directory_.put("good_v2", "good.so");
  EXPECT_TRUE(scan().topology_changed);
  ASSERT_NE(function("bad_reader"), nullptr);
  EXPECT_EQ(function("bad_reader")->image, reader) << "not read again";
  EXPECT_EQ(status("reader.so").state, State::kRunning);
  EXPECT_THAT(status("reader.so").reason, IsEmpty());
}

TEST_F(RegistryTest, ReloadGivesAFreshCopyOfTheSameBytes) {
  directory_.put("good");
  scan();
  const ImagePtr before = function("good")->image;
  before->poisoned = true;
  directory_.put("good_v2", "good.so");  // not scanned yet: the bytes that ran are what is asked for
  const Result<ImagePtr> fresh = registry_.reload("good");
  ASSERT_TRUE(fresh) << fresh.error().text;
  EXPECT_FALSE((*fresh)->poisoned);
  EXPECT_EQ((*fresh)->identity.sha256, before->identity.sha256);
  EXPECT_GT((*fresh)->generation, before->generation);
  EXPECT_EQ(function("good")->image, *fresh);
  EXPECT_EQ(function("good")->decl, (*fresh)->function("good"));
  EXPECT_THAT(registry_.reload("no_such").error().text, HasSubstr("found none named \"no_such\""));
}

TEST_F(RegistryTest, QuarantineStopsFunctionsUntilTheFileChanges) {
  directory_.put("good");
  scan();
  registry_.quarantine("good", "three faults in a row");
  EXPECT_EQ(function("good"), nullptr);
  EXPECT_TRUE(registry_.topology().streams.contains("good_in")) << "others may use its streams";
  EXPECT_EQ(status("good.so").state, State::kQuarantined);
  EXPECT_EQ(status("good.so").reason, "three faults in a row");
  EXPECT_FALSE(registry_.reload("good"));
  directory_.put("segv");
  scan();
  EXPECT_EQ(function("good"), nullptr) << "another file's change does not bring it back";
  directory_.put("good");
  EXPECT_TRUE(scan().topology_changed) << "to put the file there again is how an operator releases it";
  EXPECT_NE(function("good"), nullptr);
  registry_.quarantine("good", "three faults in a row");
  directory_.put("good_v2", "good.so");
  EXPECT_TRUE(scan().topology_changed);
  EXPECT_EQ(running_version("good"), "2.0.0");
  EXPECT_EQ(status("good.so").state, State::kRunning);
}

TEST_F(RegistryTest, AReleaseBringsBackAFreshCopy) {
  directory_.put("good");
  scan();
  EXPECT_THAT(registry_.release("good").error().text, HasSubstr("a plugin in quarantine"));
  const std::uint64_t generation = function("good")->image->generation;
  registry_.quarantine("good", "three faults in a row");
  const Result<ImagePtr> back = registry_.release("good");
  ASSERT_TRUE(back) << back.error().text;
  EXPECT_GT((*back)->generation, generation);
  EXPECT_EQ(function("good")->image, *back);
  EXPECT_EQ(status("good.so").state, State::kRunning);
  EXPECT_EQ(status("good.so").reason, "");
  EXPECT_FALSE(registry_.release("good")) << "once";
}

}  // namespace
}  // namespace eddy::host
