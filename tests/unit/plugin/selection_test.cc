// SPDX-License-Identifier: Apache-2.0
#include "plugin/selection.h"

#include "zoo.h"

namespace eddy::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A plugin that declares some streams and reads others.
ImagePtr plugin(const std::string& name, const std::vector<std::string>& declares,
                const std::vector<std::string>& reads) {
  auto image = std::make_shared<Image>();
  image->identity.name = name;
  image->identity.file = name + ".so";
  for (const std::string& stream : declares) {
    StreamDecl decl;
    decl.name = stream;
    image->manifest.streams.push_back(decl);
  }
  for (const std::string& stream : reads) {
    FunctionDecl decl;
    decl.name = name + "_reads_" + stream;
    decl.kind = EDDY_FUNCTION_CONSUMER;
    decl.input = EDDY_INPUT_RECORD;
    decl.source = stream;
    image->manifest.functions.push_back(decl);
  }
  return image;
}

std::vector<Choice::Pick> picks(const Selection& selection) {
  std::vector<Choice::Pick> picks;
  for (const Choice& choice : selection.choices) picks.push_back(choice.pick);
  return picks;
}

constexpr auto kRunning = Choice::Pick::kRunning;
constexpr auto kCandidate = Choice::Pick::kCandidate;
constexpr auto kNone = Choice::Pick::kNone;

TEST(Selection, NewPluginsMayNeedEachOther) {
  const Selection selection = select({{nullptr, plugin("a", {"x"}, {"y"})}, {nullptr, plugin("b", {"y"}, {"x"})}});
  EXPECT_THAT(picks(selection), ElementsAre(kCandidate, kCandidate));
  EXPECT_EQ(selection.topology.functions.size(), 2u);
}

TEST(Selection, WhatNeedsARefusedPluginIsRefusedToo) {
  const Selection selection = select({{nullptr, plugin("a", {}, {"y"})},
                                      {nullptr, plugin("b", {"y"}, {"nowhere"})},
                                      {nullptr, plugin("c", {"z"}, {"z"})}});
  EXPECT_THAT(picks(selection), ElementsAre(kNone, kNone, kCandidate));
  EXPECT_THAT(selection.choices[0].reason, HasSubstr("found \"y\""));
  EXPECT_THAT(selection.choices[1].reason, HasSubstr("found \"nowhere\""));
}

TEST(Selection, OnlyTheLaterOfTwoThatDisagreeIsRefused) {
  const Selection selection = select({{nullptr, plugin("a", {"x"}, {"nowhere"})},
                                      {nullptr, plugin("b", {"x"}, {"x"})},
                                      {nullptr, plugin("b", {"x"}, {"x"})}});
  EXPECT_THAT(picks(selection), ElementsAre(kNone, kCandidate, kNone));
}

TEST(Selection, AChangeThatTakesAwayWhatOthersNeedIsRefused) {
  const ImagePtr reader = plugin("reader", {}, {"x"});
  const Selection selection = select({{plugin("a", {"x"}, {}), plugin("a", {"renamed"}, {})},
                                      {plugin("other", {"o"}, {}), plugin("other", {"o"}, {"o"})},
                                      {reader, nullptr}});
  EXPECT_THAT(picks(selection), ElementsAre(kRunning, kCandidate, kRunning));
  EXPECT_THAT(selection.choices[0].reason, HasSubstr("function \"reader_reads_x\" of plugin reader"));
}

TEST(Selection, AChangeOfBothSidesIsTaken) {
  const Selection selection = select({{plugin("a", {"x"}, {}), plugin("a", {"renamed"}, {})},
                                      {plugin("reader", {}, {"x"}), plugin("reader", {}, {"renamed"})}});
  EXPECT_THAT(picks(selection), ElementsAre(kCandidate, kCandidate));
}

TEST(Selection, WhatRunsIsLeftOutOnlyWhenWhatItNeedsIsGone) {
  const ImagePtr reader = plugin("reader", {}, {"x"});
  const Selection selection = select({{reader, nullptr}, {nullptr, plugin("newcomer", {"n"}, {"n"})}});
  EXPECT_THAT(picks(selection), ElementsAre(kNone, kCandidate));
  EXPECT_THAT(selection.choices[0].reason, HasSubstr("found \"x\""));
}

}  // namespace
}  // namespace eddy::host
