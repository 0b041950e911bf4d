// SPDX-License-Identifier: Apache-2.0
#include "redrive/letter_router.h"

#include "bench.h"

namespace eddy::host {
namespace {

class LetterRouterTest : public test::RedriveBench {
 protected:
  // Of the newest letter.
  LetterRoute route(const std::string& to = "", bool over_budget = false) {
    targets_ = targets();
    router_ = std::make_unique<LetterRouter>(*store_, targets_, "dlq", to, over_budget);
    browser_ = *store_->open_browser("dlq");
    const auto records = *browser_->read(0, store_->positions("", "dlq")->front().end - 1, 1);
    const auto letter = reader_.read(records.front());
    EXPECT_TRUE(letter) << (letter ? "" : letter.error().text);
    if (!letter) return {};
    auto route = router_->route(**letter);
    EXPECT_TRUE(route) << (route ? "" : route.error().text);
    return route ? *route : LetterRoute();
  }

  FunctionTargets targets_;
  std::unique_ptr<LetterRouter> router_;
  std::unique_ptr<Browser> browser_;
};

TEST_F(LetterRouterTest, GoesToTheFunctionThatFailed) {
  fail("one");
  EXPECT_EQ(route().function, "f");
  EXPECT_EQ(route().stream, "f.redrive");
}

TEST_F(LetterRouterTest, GoesToAStreamAsItWas) {
  fail("one");
  const LetterRoute to_in = route("in");
  EXPECT_EQ(to_in.stream, "in");
  EXPECT_EQ(to_in.function, "");
  EXPECT_EQ(to_in.original.value.view(), "one");
  EXPECT_EQ(to_in.original.key.view(), "k");
}

TEST_F(LetterRouterTest, GoesToTheFirstThatFailedNotToTheLast) {
  fail("one");
  Failure recovery = failure("transform");
  recovery.function = "recover";
  recovery.redriven = false;
  const auto browser = *store_->open_browser("dlq");
  const auto records = *browser->read(0, 0, 1);
  append("dlq", writer_.write_again(records.front(), **reader_.read(records.front()), recovery, options_));
  EXPECT_EQ(route().function, "f");
}

TEST_F(LetterRouterTest, WhatATableRefusedNeedsAStream) {
  fail("one", "table");
  EXPECT_FALSE(route().sent());
  EXPECT_NE(route().reason.find("name the table's stream"), std::string::npos) << route().reason;
  EXPECT_TRUE(route("in").sent());
}

TEST_F(LetterRouterTest, WhatAnApiRefusedGoesThroughIt) {
  fail("good", "api");
  const LetterRoute back = route();
  EXPECT_EQ(back.stream, "in");
  EXPECT_EQ(back.function, "");
  ASSERT_EQ(back.elements.size(), 2u);
  EXPECT_EQ(back.elements[0].key, "own key");
  EXPECT_TRUE(route("in").elements.empty()) << "by its name a stream gets the original";

  fail("bad", "api");
  EXPECT_FALSE(route().sent());
  EXPECT_EQ(route().reason, "still refused");
  EXPECT_TRUE(route("in").sent());
}

TEST_F(LetterRouterTest, WhatAnApiRefusedGoesThroughItAlsoAfterARecoveryFunction) {
  fail("good", "api");
  Failure recovery = failure("transform");
  recovery.function = "recover";
  recovery.stream = "dlq";
  recovery.redriven = false;
  const auto browser = *store_->open_browser("dlq");
  const auto records = *browser->read(0, 0, 1);
  append("dlq", writer_.write_again(records.front(), **reader_.read(records.front()), recovery, options_));
  EXPECT_EQ(route().elements.size(), 2u);
}

TEST_F(LetterRouterTest, WhatTheApiCouldNotKeepIsWithItsSender) {
  options_.max_record_bytes = 2000;
  fail(std::string(5000, 'x'), "api");
  EXPECT_NE(route().reason.find("only who sent it"), std::string::npos) << route().reason;
}

TEST_F(LetterRouterTest, HasABudgetOfHops) {
  fail("one");
  fail_again();
  fail_again();
  EXPECT_TRUE(route().sent());
  fail_again();
  EXPECT_FALSE(route().sent());
  EXPECT_NE(route().reason.find("no hops left"), std::string::npos);
  EXPECT_TRUE(route("", true).sent());
}

TEST_F(LetterRouterTest, ChangedBytesAreNotSent) {
  fail(R"({"a":1})");
  std::string changed;
  each("dlq", [&](const Record& record) { changed = record.value.view(); });
  changed.replace(changed.find(R"({"a":1})"), 7, R"({"a":2})");
  append("dlq", {Bytes("k"), Bytes(changed), {}, clock_.now_us(), {}});
  EXPECT_NE(route().reason.find("digest"), std::string::npos);
  EXPECT_NE(route("in").reason.find("digest"), std::string::npos);
}

TEST_F(LetterRouterTest, WhatIsOnlyAtItsOriginIsReadThere) {
  options_.max_record_bytes = 2000;
  const std::string large(5000, 'x');
  append("in", {Bytes("k"), Bytes(large), {}, 1, {}});
  fail(large);
  EXPECT_NE(route().reason.find("at its origin only"), std::string::npos);
  EXPECT_EQ(route("in").original.value.view(), large);
}

TEST_F(LetterRouterTest, WhatIsGoneFromItsOriginIsLeftOut) {
  options_.max_record_bytes = 2000;
  fail(std::string(5000, 'x'));
  EXPECT_NE(route("in").reason.find("no longer at its origin"), std::string::npos);
}

}  // namespace
}  // namespace eddy::host
