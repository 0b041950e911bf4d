// SPDX-License-Identifier: Apache-2.0
// What policies make of failures, over a real store and with a clock that the test moves.
#include "function/unit_of_work.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "base/temporary_folder.h"
#include "dead_letter/reader.h"
#include "function/call.h"
#include "function/runner.h"
#include "guard/guard.h"
#include "metrics/counters.h"
#include "stream/embedded/embedded.h"
#include "support/fake_image.h"
#include "support/manual_clock.h"

namespace eddy::host {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

// What the function does with a value: so many failures before it is delivered; -1: for ever.
std::map<std::string, int> failures;
std::vector<std::string> calls;
std::uint32_t failure_kind = EDDY_FAIL_PLAIN;

std::uint32_t fails_as_told(void*, void*, const eddy_input* input, eddy_call* call) {
  const std::string value(to_view(input->record->value));
  calls.push_back(value);
  if (int& left = failures[value]; left != 0) {
    if (left > 0) --left;
    host_table()->fail(call, failure_kind, to_abi("Broken"), to_abi("as told"));
    return EDDY_FAILED;
  }
  eddy_output output{};
  output.struct_size = sizeof output;
  output.value = input->record->value;
  host_table()->emit(call, &output);
  return EDDY_OK;
}

class UnitOfWorkTest : public testing::Test {
 protected:
  UnitOfWorkTest() : guard_(*ThreadGuard::enter()) {
    EXPECT_TRUE(install_guard().ok());
    failures.clear();
    calls.clear();
    failure_kind = EDDY_FAIL_PLAIN;
    for (const char* name : {"out", "dlq", "dlq.parked"}) EXPECT_TRUE(store_->ensure_stream({name, 1, 0}).ok());
    EXPECT_TRUE(store_->ensure_stream({"in", 2, 0}).ok());
  }

  // A worker's parts, made anew by each test and by each "restart" within one.
  struct Works {
    Works(UnitOfWorkTest& test, bool retries)
        : policies{Breaker(test.settings_.breaker, test.clock_), LetterLimit(test.settings_.limits, test.clock_)},
          source(retries ? retry_stream_of("f") : "in"),
          binding(test.bind()),
          session(*test.store_->open_session({retries ? retry_group_of("f") : group_of("f"), source, 0, 1})),
          cell(*test.journal_->acquire(source, 0)),
          suspects(*test.journal_, source),
          counts(*counters),
          processor(*test.guard_, test.clock_, policies),
          unit({*session, processor, counts, policies, *cell, suspects, test.clock_, slot, source, retries}) {
      EXPECT_TRUE(processor.bind(binding).ok());
      EXPECT_TRUE(unit.bind(*binding).ok());
    }

    FunctionPolicies policies;
    const std::string source;
    BindingPtr binding;
    std::unique_ptr<Session> session;
    JournalCell* cell;
    Suspects suspects;
    std::shared_ptr<WorkerCounters> counters = std::make_shared<WorkerCounters>();
    UnitCounts counts;
    Slot slot;
    Processor processor;
    UnitOfWork unit;

    // One unit, as a worker runs it.
    void run() {
      const auto ran = unit.run(milliseconds(0));
      ASSERT_TRUE(ran.ok()) << ran.error().text;
      if (unit.retracted()) {
        unit.gave_up();
        ASSERT_TRUE(session->abort().ok());
        return;
      }
      ASSERT_TRUE(session->commit().ok());
      unit.committed();
    }
    // Until nothing is left that can be done now.
    void run_all() {
      do run();
      while (unit.records() > 0);
    }
  };

  BindingPtr bind() {
    auto binding = std::make_shared<Binding>(*test::fake_binding(
        test::fake_image("f", EDDY_FUNCTION_TRANSFORM, EDDY_INPUT_RECORD, "in", "out", fails_as_told), *store_, "dlq",
        settings_));
    if (settings_.retry.mode == RetryMode::kStream) {
      const std::uint32_t tiers = RetryPolicy(settings_.retry).tiers();
      binding->retry =
          RetryStream{retry_stream_of("f"), *store_->ensure_stream({retry_stream_of("f"), tiers, 0}), tiers, 1};
    }
    return binding;
  }

  // To partition 0, "key:value" or a value alone.
  void append(const std::vector<std::string>& values, std::uint32_t partition = 0) {
    std::vector<OutRecord> records;
    for (const std::string& value : values) {
      const std::size_t colon = value.find(':');
      const Bytes key = colon == std::string::npos ? Bytes() : Bytes(value.data(), colon);
      records.push_back({key, Bytes(value), {}, 1, partition});
    }
    ASSERT_TRUE(store_->append(*store_->find_stream("in"), records).ok());
  }

  template <typename Take>
  void each(const std::string& stream, Take take) {
    const auto browser = *store_->open_browser(stream);
    const auto positions = *store_->positions("", stream);
    for (const Position& position : positions) {
      const auto records = *browser->read(position.partition, position.begin, 1000);
      for (const Record& record : records) take(record);
    }
  }
  std::vector<std::string> out() {
    std::vector<std::string> values;
    each("out", [&](const Record& record) { values.emplace_back(record.value.view()); });
    return values;
  }
  struct Letter {
    std::string value, type, stream;
    std::uint32_t attempts = 0;
    std::int64_t offset = 0;
    bool operator==(const Letter&) const = default;
  };
  std::vector<Letter> letters() {
    std::vector<Letter> all;
    LetterReader reader;
    each("dlq", [&](const Record& record) {
      const DeadLetter& letter = **reader.read(record);
      all.push_back({std::string(letter.original.view()), std::string(letter.error_type),
                     std::string(letter.origin_stream), letter.attempts, letter.origin_offset});
    });
    return all;
  }
  Position position(std::uint32_t partition = 0) { return store_->positions(group_of("f"), "in")->at(partition); }

  const TemporaryFolder folder_ = *TemporaryFolder::make();
  const std::unique_ptr<Transport> store_ = *open_embedded({.data_dir = folder_.path()});
  const std::unique_ptr<Journal> journal_ = *Journal::open(folder_.path() + "/journal");
  std::unique_ptr<ThreadGuard> guard_;
  test::ManualClock clock_;
  FunctionSettings settings_;
};

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
  Works works(*this, false);
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
  Works works(*this, false);
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
  { Works(*this, false).run_all(); }
  for (const int wait : {1, 2, 4}) {
    const std::size_t before = calls.size();
    clock_.advance(milliseconds(wait * 1000 - 1));
    Works works(*this, false);
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
  Works works(*this, false);
  works.run_all();
  EXPECT_THAT(letters(), ElementsAre(Letter{"a", "Broken", "in", 1, 0}));
}

TEST_F(RetryInPlace, AnAbortedUnitTriesNothingTooEarly) {
  append({"a", "b"});
  failures["a"] = 1;
  Works works(*this, false);
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
  Works works(*this, false);
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

TEST_F(RetryByKey, ARestartKeepsTheLine) {
  append({"k:1", "l:1", "k:2", "l:2", "k:3"});
  failures["k:1"] = 1;
  failures["k:2"] = -1;
  { Works(*this, false).run_all(); }
  { Works(*this, false).run_all(); }
  EXPECT_THAT(calls, ElementsAre("k:1", "l:1", "l:2"));
  for (const int wait : {1, 1, 2, 4}) {
    clock_.advance(seconds(wait));
    Works(*this, false).run_all();
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
  Works works(*this, false);
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
  Works works(*this, false);
  works.run_all();
  EXPECT_THAT(out(), ElementsAre("a", "c"));
  EXPECT_EQ(position().committed, 3);
  EXPECT_EQ(position().tally, (Tally{2, 0, 0, 1}));
  Works retries(*this, true);
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
  { Works(*this, false).run_all(); }
  for (const int wait : {1, 2, 4}) {
    clock_.advance(seconds(wait));
    Works(*this, true).run_all();
  }
  EXPECT_THAT(letters(), ElementsAre(Letter{"b", "Broken", "in", 4, 1}));
}

TEST_F(RetryByStream, ALongWaitKeepsNoShortOneWaiting) {
  append({"old"});
  failures["old"] = 2;
  { Works(*this, false).run_all(); }
  clock_.advance(seconds(1));
  Works retries(*this, true);
  retries.run_all();  // it waits two seconds now
  append({"new"});
  failures["new"] = 1;
  { Works(*this, false).run_all(); }
  clock_.advance(seconds(1));
  retries.run_all();
  EXPECT_THAT(out(), ElementsAre("new"));
  clock_.advance(seconds(1));
  retries.run_all();
  EXPECT_THAT(out(), ElementsAre("new", "old"));
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
  Works works(*this, false);
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

TEST_F(BreakerOn, NoLetterIsWrittenWhenTheyCanBeTakenBack) {
  settings_.breaker.retract_ms = 500;
  Works works(*this, false);
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
  Works works(*this, false);
  works.run_all();
  EXPECT_THAT(letters(), IsEmpty());
  EXPECT_EQ(calls.size(), 1u);
  EXPECT_EQ(position().committed, 0);
}

TEST_F(BreakerOn, FailingFastCallsNothing) {
  settings_.breaker.on_open = OnOpen::kDeadLetter;
  Works works(*this, false);
  works.run_all();
  clock_.advance(seconds(1));
  works.run_all();
  EXPECT_EQ(calls.size(), 5u);
  ASSERT_EQ(letters().size(), 20u);
  EXPECT_EQ(letters().back().type, "BreakerOpen");
}

TEST_F(BreakerOn, FailuresOfTheRecordItselfDoNotOpenIt) {
  settings_.retry.never_on = {"Broken"};
  Works works(*this, false);
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
  Works works(*this, false);
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
  Works works(*this, false);
  works.run_all();
  EXPECT_EQ(letters().size(), 10u);
  EXPECT_EQ(works.counters->dropped[static_cast<std::size_t>(Dropped::kSample)].get(), 40u);
  EXPECT_EQ(works.counters->outcomes[static_cast<std::size_t>(Outcome::kDeadLettered)].get(), 50u);
  EXPECT_EQ(position().tally, (Tally{0, 0, 50, 0}));
}

}  // namespace
}  // namespace eddy::host
