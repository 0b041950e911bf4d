// SPDX-License-Identifier: Apache-2.0
#include "redrive/outcomes.h"

#include "bench.h"

namespace eddy::host {
namespace {

class OutcomesTest : public test::RedriveBench {
 protected:
  void tell(const std::string& id, LetterState state, const std::string& redrive = "r1") {
    LetterStateWriter states;
    append(kStateStream, states.write({.id = id, .queue = "dlq", .state = state, .redrive = redrive}));
  }
  std::unique_ptr<Outcomes> caught_up(const std::string& queue = "dlq") {
    auto outcomes = std::make_unique<Outcomes>(*store_, "r1", queue, 0);
    const auto done = outcomes->catch_up();
    EXPECT_TRUE(done) << (done ? "" : done.error().text);
    return outcomes;
  }
};

TEST_F(OutcomesTest, CountsEachLetterOnce) {
  tell("a", LetterState::kRedriven);
  tell("b", LetterState::kRedriven);
  tell("a", LetterState::kRecovered);
  tell("a", LetterState::kRecovered);
  tell("c", LetterState::kRecovered, "r0");
  const auto outcomes = caught_up();
  EXPECT_EQ(outcomes->sent(), 2u);
  EXPECT_EQ(outcomes->recovered(), 1u);
}

TEST_F(OutcomesTest, WhatCompactionLeavesSaysAllTheSame) {
  tell("a", LetterState::kRecovered);
  tell("b", LetterState::kRedriven);
  const auto outcomes = caught_up();
  EXPECT_EQ(outcomes->sent(), 2u);
  EXPECT_EQ(outcomes->recovered(), 1u);
}

TEST_F(OutcomesTest, LooksIntoTheQueueAndItsParkedOneWhicheverIsNamed) {
  for (const char* to : {"dlq", "dlq.parked"}) {
    fail(to);
    tell(std::string(writer_.id()), LetterState::kRedriven);
    fail_again(to);
  }
  for (const char* named : {"dlq", "dlq.parked"}) EXPECT_EQ(caught_up(named)->failed_again(), 2u) << named;
}

}  // namespace
}  // namespace eddy::host
