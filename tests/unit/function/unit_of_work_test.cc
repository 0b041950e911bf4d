// SPDX-License-Identifier: Apache-2.0
// What policies make of failures.
#include "function/unit_of_work.h"

#include "sqlite/database.h"
#include "unit_of_work_fixture.h"

namespace eddy::host {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

class RetryInPlace : public UnitOfWorkTest {
 protected:
  RetryInPlace() {
    settings_.retry.max_attempts = 4;
    settings_.retry.jitter = 0;
  }
};

TEST_F(RetryInPlace, ItsPartitionWaitsAndOthersFlow) {
  append({"a", "b", "c"});
  append({"x", "y"}, 1);
  failures["b"] = 2;
  Works works(*this, Intake::kSource);
  works.run_all();
  EXPECT_THAT(out(), testing::UnorderedElementsAre("a", "x", "y"));
  EXPECT_EQ(position().committed, 1);
  EXPECT_EQ(position().held, 1u);
  clock_.advance(milliseconds(999));
  works.run_all();
  EXPECT_EQ(std::ranges::count(calls, "b"), 1);
  clock_.advance(milliseconds(1));
  works.run_all();
  EXPECT_EQ(std::ranges::count(calls, "b"), 2);
  clock_.advance(seconds(2));
  works.run_all();
  EXPECT_EQ(std::ranges::count(calls, "b"), 3);
  EXPECT_THAT(letters(), IsEmpty());
  EXPECT_EQ(position().committed, 3);
  EXPECT_EQ(position().tally, (Tally{3, 0, 0, 0}));
  EXPECT_LT(std::ranges::find(calls, "b"), std::ranges::find(calls, "c"));
  EXPECT_EQ(works.counters->retries[0].get(), 2u);
}

TEST_F(RetryInPlace, ItIsDeadLetteredAfterTheLastAttempt) {
  append({"a", "b", "c"});
  failures["b"] = -1;
  Works works(*this, Intake::kSource);
  for (const int wait : {0, 1, 2, 4}) {
    clock_.advance(seconds(wait));
    works.run_all();
  }
  EXPECT_THAT(letters(), ElementsAre(Letter{"b", "Broken", "in", 4, 1}));
  EXPECT_EQ(position().tally, (Tally{2, 0, 1, 0}));
  EXPECT_THAT(calls, ElementsAre("a", "b", "b", "b", "b", "c"));
}

TEST_F(RetryInPlace, ARestartForgetsNeitherAttemptsNorTime) {
  append({"a", "b", "c"});
  failures["a"] = -1;
  { Works(*this, Intake::kSource).run_all(); }
  for (const int wait : {1, 2, 4}) {
    const std::size_t before = calls.size();
    clock_.advance(milliseconds(wait * 1000 - 1));
    Works works(*this, Intake::kSource);
    works.run_all();
    EXPECT_EQ(calls.size(), before);
    clock_.advance(milliseconds(1));
    works.run_all();
    EXPECT_GT(calls.size(), before);
  }
  EXPECT_THAT(letters(), ElementsAre(Letter{"a", "Broken", "in", 4, 0}));
  EXPECT_THAT(out(), ElementsAre("b", "c"));
}

TEST_F(RetryInPlace, AFatalFailureIsNotTriedAgain) {
  append({"a"});
  failures["a"] = -1;
  failure_kind = EDDY_FAIL_FATAL;
  Works works(*this, Intake::kSource);
  works.run_all();
  EXPECT_THAT(letters(), ElementsAre(Letter{"a", "Broken", "in", 1, 0}));
}

TEST_F(RetryInPlace, AnAbortedUnitTriesNothingTooEarly) {
  append({"a", "b"});
  failures["a"] = 1;
  Works works(*this, Intake::kSource);
  works.run_all();
  works.unit.gave_up();
  ASSERT_TRUE(works.session->abort().ok());
  works.run_all();
  EXPECT_THAT(calls, ElementsAre("a"));
  clock_.advance(seconds(1));
  works.run_all();
  EXPECT_THAT(out(), ElementsAre("a", "b"));
}

class RetryByKey : public RetryInPlace {
 protected:
  RetryByKey() { settings_.order = Order::kKey; }
};

TEST_F(RetryByKey, LaterRecordsOfTheKeyWaitAndOtherKeysFlow) {
  append({"k:1", "l:1", "k:2", "l:2", "k:3", "none"});
  failures["k:1"] = 1;
  Works works(*this, Intake::kSource);
  works.run_all();
  EXPECT_THAT(out(), ElementsAre("l:1", "l:2", "none"));
  EXPECT_EQ(position().committed, 0);
  EXPECT_EQ(position().held, 3u);
  append({"k:4", "l:3"});
  works.run_all();
  clock_.advance(seconds(1));
  works.run_all();
  EXPECT_THAT(calls, ElementsAre("k:1", "l:1", "l:2", "none", "l:3", "k:1", "k:2", "k:3", "k:4"));
  EXPECT_EQ(position().committed, 8);
  EXPECT_EQ(position().held, 0u);
}

TEST_F(RetryByKey, WhatIsDueWaitsForAFreshImage) {
  append({"k:1"});
  failures["k:1"] = 1;
  Works works(*this, Intake::kSource);
  works.run_all();
  clock_.advance(seconds(1));
  works.binding->image->poisoned = true;  // by another worker
  works.run();
  EXPECT_THAT(calls, ElementsAre("k:1"));
  EXPECT_EQ(position().held, 1u);
}

TEST_F(RetryByKey, ARestartKeepsTheLine) {
  append({"k:1", "l:1", "k:2", "l:2", "k:3"});
  failures["k:1"] = 1;
  failures["k:2"] = -1;
  { Works(*this, Intake::kSource).run_all(); }
  { Works(*this, Intake::kSource).run_all(); }
  EXPECT_THAT(calls, ElementsAre("k:1", "l:1", "l:2"));
  for (const int wait : {1, 1, 2, 4}) {
    clock_.advance(seconds(wait));
    Works(*this, Intake::kSource).run_all();
  }
  EXPECT_THAT(out(), ElementsAre("l:1", "l:2", "k:1", "k:3"));
  EXPECT_THAT(letters(), ElementsAre(Letter{"k:2", "Broken", "in", 4, 2}));
}

TEST_F(RetryByKey, APartitionWaitsWhenTooManyDo) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i < kMostHeld + 50; ++i) values.push_back(std::to_string(i) + ":bad");
  values.push_back("good:1");
  append(values);
  for (const std::string& value : values) failures[value] = value == "good:1" ? 0 : 1;
  Works works(*this, Intake::kSource);
  works.run_all();
  EXPECT_EQ(calls.size(), kMostHeld);
  EXPECT_EQ(position().held, kMostHeld);
  clock_.advance(seconds(1));
  works.run_all();
  clock_.advance(seconds(1));
  works.run_all();
  EXPECT_EQ(out().size(), values.size());
  EXPECT_EQ(position().held, 0u);
}

class RetryByStream : public RetryInPlace {
 protected:
  RetryByStream() { settings_.retry.mode = RetryMode::kStream; }
};

TEST_F(RetryByStream, OthersFlowAndItComesBackWhenDue) {
  append({"a", "b", "c"});
  failures["b"] = 2;
  Works works(*this, Intake::kSource);
  works.run_all();
  EXPECT_THAT(out(), ElementsAre("a", "c"));
  EXPECT_EQ(position().committed, 3);
  EXPECT_EQ(position().tally, (Tally{2, 0, 0, 1}));
  Works retries(*this, Intake::kRetries);
  for (const int wait : {0, 1, 1, 1}) {
    clock_.advance(seconds(wait));
    retries.run_all();
  }
  EXPECT_THAT(calls, ElementsAre("a", "b", "c", "b", "b"));
  EXPECT_THAT(out(), ElementsAre("a", "c", "b"));
}

TEST_F(RetryByStream, ItsDeadLetterSaysWhereItCameFrom) {
  append({"a", "b"});
  failures["b"] = -1;
  { Works(*this, Intake::kSource).run_all(); }
  for (const int wait : {1, 2, 4}) {
    clock_.advance(seconds(wait));
    Works(*this, Intake::kRetries).run_all();
  }
  EXPECT_THAT(letters(), ElementsAre(Letter{"b", "Broken", "in", 4, 1}));
}

TEST_F(RetryByStream, ALongWaitKeepsNoShortOneWaiting) {
  append({"old"});
  failures["old"] = 2;
  { Works(*this, Intake::kSource).run_all(); }
  clock_.advance(seconds(1));
  Works retries(*this, Intake::kRetries);
  retries.run_all();  // it waits two seconds now
  append({"new"});
  failures["new"] = 1;
  { Works(*this, Intake::kSource).run_all(); }
  clock_.advance(seconds(1));
  retries.run_all();
  EXPECT_THAT(out(), ElementsAre("new"));
  clock_.advance(seconds(1));
  retries.run_all();
  EXPECT_THAT(out(), ElementsAre("new", "old"));
}

TEST_F(UnitOfWorkTest, WhatIsDoneBeforeADamagedChunkIsCommitted) {
  append({"a"});
  append({"b"});
  const auto database = *sqlite::Database::open(folder_.path() + "/eddy.db", {});
  ASSERT_TRUE(database->execute("UPDATE chunk SET crc = crc + 1 WHERE base = 1", "damaging").ok());
  Works works(*this, Intake::kSource);
  works.run();
  EXPECT_EQ(position().committed, 1);
  EXPECT_THAT(out(), ElementsAre("a"));
  const auto ran = works.unit.run(milliseconds(0));
  ASSERT_FALSE(ran.ok());
  EXPECT_EQ(ran.error().code, Code::kCorrupt);
}

class BreakerOn : public UnitOfWorkTest {
 protected:
  BreakerOn() {
    settings_.breaker.given = true;
    settings_.breaker.reset_timeout_ms = 10'000;
    for (int i = 0; i < 20; ++i) {
      values_.push_back("v" + std::to_string(i));
      failures[values_.back()] = -1;
    }
    append(values_);
  }
  void heal() { failures.clear(); }

  std::vector<std::string> values_;
};

TEST_F(BreakerOn, AnOutageCostsNoMoreLettersThanItTakesToSeeIt) {
  Works works(*this, Intake::kSource);
  works.run_all();
  works.run_all();
  EXPECT_EQ(letters().size(), 5u);
  EXPECT_EQ(works.policies.breaker.state(), Breaker::State::kOpen);
  EXPECT_THAT(works.unit.pause_reason(), testing::HasSubstr("Broken"));
  const std::size_t before = calls.size();
  clock_.advance(seconds(10));
  works.run_all();
  EXPECT_EQ(calls.size(), before + 1);  // a probe, which failed
  EXPECT_EQ(letters().size(), 5u);
  heal();
  clock_.advance(seconds(10));
  works.run_all();
  clock_.advance(seconds(1));
  works.run_all();
  EXPECT_EQ(works.policies.breaker.state(), Breaker::State::kClosed);
  EXPECT_EQ(out().size(), 15u);
  EXPECT_EQ(position().tally, (Tally{15, 0, 5, 0}));
  EXPECT_EQ(works.unit.pause_reason(), "");
}

TEST_F(BreakerOn, NobodyWaitsForAWallClockThatIsSetBack) {
  Works works(*this, Intake::kSource);
  works.run_all();
  ASSERT_EQ(works.policies.breaker.state(), Breaker::State::kOpen);
  const std::size_t before = calls.size();
  clock_.set_wall_clock_back(std::chrono::hours(1));
  works.run_all();
  EXPECT_EQ(calls.size(), before);
  clock_.advance(seconds(10));
  works.run_all();
  EXPECT_EQ(calls.size(), before + 1);
}

TEST_F(BreakerOn, NoLetterIsWrittenWhenTheyCanBeTakenBack) {
  settings_.breaker.retract_ms = 500;
  Works works(*this, Intake::kSource);
  works.run_all();
  EXPECT_THAT(letters(), IsEmpty());
  EXPECT_EQ(position().committed, 0);
  heal();
  clock_.advance(seconds(10));
  works.run_all();
  clock_.advance(seconds(1));
  works.run_all();
  EXPECT_EQ(out().size(), 20u);
  EXPECT_THAT(letters(), IsEmpty());
}

TEST_F(BreakerOn, ADependencyThatIsDownOpensItAtOnce) {
  settings_.breaker.given = false;
  failure_kind = EDDY_FAIL_DEPENDENCY_DOWN;
  Works works(*this, Intake::kSource);
  works.run_all();
  EXPECT_THAT(letters(), IsEmpty());
  EXPECT_EQ(calls.size(), 1u);
  EXPECT_EQ(position().committed, 0);
}

TEST_F(BreakerOn, FailingFastCallsNothing) {
  settings_.breaker.on_open = OnOpen::kDeadLetter;
  Works works(*this, Intake::kSource);
  works.run_all();
  clock_.advance(seconds(1));
  works.run_all();
  EXPECT_EQ(calls.size(), 5u);
  ASSERT_EQ(letters().size(), 20u);
  EXPECT_EQ(letters().back().type, "BreakerOpen");
}

TEST_F(BreakerOn, FailuresOfTheRecordItselfDoNotOpenIt) {
  settings_.retry.never_on = {"Broken"};
  Works works(*this, Intake::kSource);
  works.run_all();
  EXPECT_EQ(letters().size(), 20u);
  EXPECT_EQ(works.policies.breaker.state(), Breaker::State::kClosed);
}

TEST_F(UnitOfWorkTest, ACapMakesTheFunctionWait) {
  settings_.limits.max_per_second = 15;
  std::vector<std::string> values;
  for (int i = 0; i < 100; ++i) {
    values.push_back("v" + std::to_string(i));
    failures[values.back()] = -1;
  }
  append(values);
  Works works(*this, Intake::kSource);
  works.run_all();
  const std::size_t at_first = letters().size();
  EXPECT_LT(at_first, 40u);
  EXPECT_THAT(works.unit.pause_reason(), testing::HasSubstr("max_per_second"));
  for (int i = 0; i < 20; ++i) {
    clock_.advance(seconds(1));
    works.run_all();
  }
  EXPECT_EQ(letters().size(), 100u);
  EXPECT_EQ(position().tally, (Tally{0, 0, 100, 0}));
}

TEST_F(UnitOfWorkTest, LettersThatAreNotKeptAreCounted) {
  settings_.limits.sample = 0;
  std::vector<std::string> values(50, "same");
  failures["same"] = -1;
  append(values);
  Works works(*this, Intake::kSource);
  works.run_all();
  EXPECT_EQ(letters().size(), 10u);
  EXPECT_EQ(works.counters->dropped[static_cast<std::size_t>(Dropped::kSample)].get(), 40u);
  EXPECT_EQ(works.counters->outcomes[static_cast<std::size_t>(Outcome::kDeadLettered)].get(), 50u);
  EXPECT_EQ(position().tally, (Tally{0, 0, 50, 0}));
}

}  // namespace
}  // namespace eddy::host
