// SPDX-License-Identifier: Apache-2.0
// Redrives whole, over a real store and index. The test is the function that the letters go back to.
#include "redrive/redrives.h"

#include <fstream>
#include <functional>
#include <set>
#include <stdexcept>

#include "bench.h"

namespace eddy::host {
namespace {

class RedrivesTest : public test::RedriveBench {
 protected:
  RedrivesTest() { open(); }

  void open() {
    redrives_.reset();
    auto opened = Redrives::open(
        {*store_, time_, lagging_targets(), [this] { return TriageIndex::open(folder_.path(), *store_, "test"); }},
        folder_.path());
    ASSERT_TRUE(opened) << (opened ? "" : opened.error().text);
    redrives_ = *std::move(opened);
  }

  // What the test has not processed yet counts: the pace holds the sender back, however late the test gets to it.
  FunctionTargets lagging_targets() {
    FunctionTargets to = targets();
    to.lag = [this](const std::string&) -> Result<std::uint64_t> {
      const std::int64_t processed = next_;
      EDDY_ASSIGN(const auto positions, store_->positions("", "f.redrive"));
      return lag_ + static_cast<std::uint64_t>(positions.front().end - processed);
    };
    return to;
  }

  // Throws where there is none: it ends the test, which could do nothing without it.
  std::string start(RedriveSpec spec = {}) {
    spec.queue = "dlq";
    spec.by = "tester";
    const auto started = redrives_->start(spec, LetterFilter());
    if (!started) throw std::runtime_error(started.error().text);
    return started->spec.id;
  }
  RedriveStatus status(const std::string& id) {
    const auto found = redrives_->find(id);
    if (!found) throw std::runtime_error(found.error().text);
    return *found;
  }
  Result<RedriveStatus> read_status(const std::string& id) {
    std::ifstream in(status_file(folder_.path() + "/redrives", id));
    return read_redrive(nlohmann::ordered_json::parse(in, nullptr, false));
  }

  // Does the function's part meanwhile.
  RedriveStatus wait_for(const std::string& id, const std::function<bool(const RedriveStatus&)>& holds) {
    for (;;) {
      process();
      RedriveStatus now = status(id);
      if (holds(now)) return now;
      std::this_thread::yield();
    }
  }
  RedriveStatus wait_for(const std::string& id, RedriveState state) {
    const RedriveStatus then = wait_for(id, [state](const RedriveStatus& now) {
      return now.state == state || now.ended() || now.state == RedriveState::kStopped;
    });
    EXPECT_EQ(then.state, state) << then.reason;
    return then;
  }

  // The function: delivers what has come to it, or fails.
  void process() {
    const auto browser = *store_->open_browser("f.redrive");
    const std::int64_t end = store_->positions("", "f.redrive")->front().end;
    while (next_ < end) {
      const auto records = *browser->read(0, next_, 1);
      ASSERT_EQ(records.size(), 1u);
      const auto sent = RedriveRecord::unwrap(records.front());
      ASSERT_TRUE(sent);
      const DeadLetter& letter = **reader_.read(sent->letter);
      calls_.insert(std::string(letter.original.view()));
      end_one(letter, std::string(sent->redrive));
      ++next_;
    }
  }
  void end_one(const DeadLetter& letter, const std::string& redrive) {
    if (broken_) {
      append(queue_of_f_, writer_.write_again(original_of(letter), letter, failure("transform"), options_));
      return;
    }
    LetterStateWriter states;
    append(kStateStream, states.write({.id = std::string(letter.id),
                                       .queue = "dlq",
                                       .hops = letter.hops,
                                       .at_us = time_.now_us(),
                                       .by = "f",
                                       .redrive = redrive}));
  }

  SystemClock time_;
  std::atomic<std::int64_t> next_{0};  // of what was sent to the function
  std::unique_ptr<Redrives> redrives_;
  bool broken_ = false;
  std::multiset<std::string> calls_;  // the function's, by value
};

TEST_F(RedrivesTest, EachGoesBackOnceAndIsTold) {
  for (int i = 0; i < 50; ++i) fail(std::to_string(i));
  const RedriveStatus done = wait_for(start(), RedriveState::kDone);
  EXPECT_EQ(done.counts.selected, 50u);
  EXPECT_EQ(done.counts.sent, 50u);
  EXPECT_EQ(done.counts.recovered, 50u);
  EXPECT_EQ(done.counts.failed_again, 0u);
  EXPECT_EQ(calls_.size(), 50u);
  EXPECT_EQ(std::set<std::string>(calls_.begin(), calls_.end()).size(), 50u);
  EXPECT_NE(done.ended_us, 0);
  const auto again = redrives_->start({.queue = "dlq"}, LetterFilter());
  ASSERT_FALSE(again) << "none is open any more";
  EXPECT_EQ(again.error().code, Code::kBadData);
}

TEST_F(RedrivesTest, NobodyIsToldWhatLettersWereMatchedWith) {
  fail(R"({"email":"bob"})");
  LetterFilter filter;
  filter.match = {{"/email", "ann"}};
  const auto none = redrives_->start({.queue = "dlq"}, filter);
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().text.find("/email=…"), std::string::npos) << none.error().text;
  EXPECT_EQ(none.error().text.find("ann"), std::string::npos) << none.error().text;
  filter.match = {{"/email", "bob"}};
  const auto some = redrives_->start({.queue = "dlq", .by = "tester"}, filter);
  ASSERT_TRUE(some) << some.error().text;
  wait_for(some->spec.id, RedriveState::kDone);
  EXPECT_EQ(some->spec.filter.dump().find("bob"), std::string::npos);
}

TEST_F(RedrivesTest, WhatItsApiTakesIsRecoveredAtOnceAndTheRestStaysOpen) {
  fail("one", "api");
  fail("bad", "api");
  fail("two");
  const auto plan = redrives_->plan({.queue = "dlq"}, LetterFilter());
  ASSERT_TRUE(plan) << plan.error().text;
  EXPECT_EQ(plan->to.at("in"), 1u);
  EXPECT_EQ(plan->left_out.at("still refused"), 1u);

  const RedriveStatus done = wait_for(start(), RedriveState::kDone);
  EXPECT_EQ(done.counts.sent, 2u);
  EXPECT_EQ(done.counts.recovered, 2u);
  EXPECT_EQ(done.left_out.at("still refused"), 1u);
  EXPECT_EQ(told_, 1u) << "what the API took, not what went to its function";
  std::multiset<std::string> taken;
  const std::int64_t an_hour_ago = time_.now_us() - 3'600'000'000;
  each("in", [&](const Record& record) {
    taken.insert(std::string(record.value.view()));
    EXPECT_GT(record.timestamp_us, an_hour_ago) << "it has just come in";
  });
  EXPECT_EQ(taken, (std::multiset<std::string>{"one", "one"})) << "both elements, once";
  EXPECT_EQ(redrives_->plan({.queue = "dlq"}, LetterFilter())->selected, 1u) << "what is refused is open";
}

TEST_F(RedrivesTest, StopsItselfWhenTooMuchFailsAgain) {
  for (int i = 0; i < 500; ++i) fail(std::to_string(i));
  broken_ = true;
  const std::string id = start({.rate = 200});
  const RedriveStatus stopped = wait_for(id, RedriveState::kStopped);
  EXPECT_LT(stopped.counts.sent, 500u);
  EXPECT_NE(stopped.reason.find("Broken: as told"), std::string::npos) << stopped.reason;
  broken_ = false;
  ASSERT_TRUE(redrives_->act(id, &Redriver::resume)) << "what failed until now is forgiven";
  const RedriveStatus done = wait_for(id, RedriveState::kDone);
  EXPECT_EQ(done.counts.sent, 500u);
  EXPECT_EQ(done.counts.recovered + done.counts.failed_again, 500u);
  EXPECT_GE(done.counts.failed_again, 20u);
  EXPECT_EQ(calls_.size(), 500u) << "what failed again stands behind the selection";
}

TEST_F(RedrivesTest, StopsItselfAlsoWhenFewerAreKnownToHaveRecoveredThanWereForgiven) {
  for (int i = 0; i < 500; ++i) fail(std::to_string(i));
  broken_ = true;
  const std::string id = start({.rate = 100});
  redrives_.reset();
  auto kept = to_json(*read_status(id));
  kept["forgiven"]["recovered"] = 1000;
  std::ofstream(status_file(folder_.path() + "/redrives", id)) << kept;
  open();
  wait_for(id, RedriveState::kStopped);
}

TEST_F(RedrivesTest, AfterACancelledOneNoneIsSentTwice) {
  for (int i = 0; i < 300; ++i) fail(std::to_string(i));
  const std::string cancelled = start({.rate = 10});
  wait_for(cancelled, [](const RedriveStatus& now) { return now.counts.sent > 0; });
  ASSERT_TRUE(redrives_->act(cancelled, &Redriver::cancel));
  wait_for(start(), RedriveState::kDone);
  EXPECT_EQ(calls_.size(), 300u);
  EXPECT_EQ(std::set<std::string>(calls_.begin(), calls_.end()).size(), 300u);
}

TEST_F(RedrivesTest, GoesOnAfterARestart) {
  for (int i = 0; i < 300; ++i) fail(std::to_string(i));
  const std::string id = start({.rate = 400});
  for (int restart = 1; restart <= 3; ++restart) {
    const std::uint64_t so_many = static_cast<std::uint64_t>(restart) * 50;
    wait_for(id, [&](const RedriveStatus& now) { return now.counts.sent >= so_many; });
    open();
  }
  const RedriveStatus done = wait_for(id, RedriveState::kDone);
  EXPECT_EQ(done.counts.sent, 300u);
  EXPECT_EQ(done.counts.recovered, 300u);
  EXPECT_EQ(calls_.size(), 300u);
  open();
  EXPECT_EQ(status(id).state, RedriveState::kDone);
  EXPECT_EQ(redrives_->list().size(), 1u);
}

TEST_F(RedrivesTest, IsPausedResumedAndCancelled) {
  for (int i = 0; i < 200; ++i) fail(std::to_string(i));
  lag_ = 1'000'000;
  const std::string id = start({.rate = 10});
  ASSERT_TRUE(redrives_->act(id, &Redriver::pause));
  EXPECT_EQ(redrives_->act(id, &Redriver::pause).error().code, Code::kConflict);
  open();
  EXPECT_EQ(status(id).state, RedriveState::kPaused) << "also after a restart";
  ASSERT_TRUE(redrives_->act(id, &Redriver::resume));
  EXPECT_EQ(redrives_->start({.queue = "dlq"}, LetterFilter()).error().code, Code::kConflict) << "one for each queue";
  ASSERT_TRUE(redrives_->act(id, &Redriver::cancel));
  EXPECT_EQ(status(id).state, RedriveState::kCancelled);
  EXPECT_EQ(redrives_->act(id, &Redriver::resume).error().code, Code::kConflict);
  EXPECT_EQ(redrives_->act("none", &Redriver::cancel).error().code, Code::kBadData);
}

TEST_F(RedrivesTest, WhatChangedSinceItWasSelectedIsLeftOut) {
  for (int i = 0; i < 3; ++i) fail(std::to_string(i));
  std::string first;
  each("dlq", [&](const Record& record) {
    if (first.empty()) first = (*reader_.read(record))->id;
  });
  lag_ = 1'000'000;  // nothing is sent for now
  const std::string id = start({.rate = 100});
  ASSERT_TRUE(redrives_->act(id, &Redriver::pause));
  LetterStateWriter states;
  append(kStateStream, states.write({.id = first,
                                     .queue = "dlq",
                                     .state = LetterState::kDiscarded,
                                     .hops = 0,
                                     .at_us = time_.now_us(),
                                     .by = "somebody"}));
  lag_ = 0;
  ASSERT_TRUE(redrives_->act(id, &Redriver::resume));
  const RedriveStatus done = wait_for(id, RedriveState::kDone);
  EXPECT_LE(done.counts.sent, 3u);
  EXPECT_EQ(done.counts.sent + done.counts.left_out, 3u);
  EXPECT_EQ(calls_.count("0"), done.counts.sent - 2) << "it is left out unless it was the first of the bucket";
}

TEST_F(RedrivesTest, WhatFailsIntoAnotherQueueHasFailedAgain) {
  make_stream("other");
  queue_of_f_ = "other";
  broken_ = true;
  for (int i = 0; i < 5; ++i) fail(std::to_string(i));
  const std::string id = start();
  wait_for(id, [](const RedriveStatus& now) { return now.counts.failed_again == 5; });
  const RedriveStatus done = wait_for(id, RedriveState::kDone);
  EXPECT_EQ(done.counts.recovered, 0u);
  EXPECT_EQ(done.failure_queues, (std::map<std::string, std::set<std::string>>{{"f", {"other"}}}));
}

TEST_F(RedrivesTest, AParkedQueueIsRedriven) {
  for (const char* value : {"one", "two"}) fail(value, "transform", "dlq.parked");
  broken_ = true;  // back into the queue itself
  const auto started = redrives_->start({.queue = "dlq.parked", .by = "tester"}, LetterFilter());
  ASSERT_TRUE(started) << started.error().text;
  const RedriveStatus done = wait_for(started->spec.id, RedriveState::kDone);
  EXPECT_EQ(done.counts.sent, 2u);
  EXPECT_EQ(done.counts.failed_again, 2u);
  fail("three", "transform", "dlq.parked");
  EXPECT_EQ(redrives_->plan({.queue = "dlq.parked"}, LetterFilter())->selected, 1u) << "the index knows them as parked";
  EXPECT_EQ(redrives_->plan({.queue = "dlq"}, LetterFilter())->selected, 2u);
}

TEST_F(RedrivesTest, LettersInOtherStatesAreSentAsTheyWereSelected) {
  fail("one");
  fail("two");
  wait_for(start(), RedriveState::kDone);
  LetterFilter recovered;
  recovered.states = LetterStates().set(static_cast<std::size_t>(LetterState::kRecovered));
  const auto started = redrives_->start({.queue = "dlq", .by = "tester"}, recovered);
  ASSERT_TRUE(started) << started.error().text;
  EXPECT_EQ(wait_for(started->spec.id, RedriveState::kDone).counts.sent, 2u);
  EXPECT_EQ(calls_.size(), 4u);
}

TEST_F(RedrivesTest, ToAStreamItIsDoneWhenAllIsWritten) {
  for (int i = 0; i < 10; ++i) fail(std::to_string(i));
  const RedriveStatus done = wait_for(start({.to = "in"}), RedriveState::kDone);
  EXPECT_EQ(done.counts.sent, 10u);
  std::vector<std::string> values;
  const std::int64_t an_hour_ago = time_.now_us() - 3'600'000'000;
  each("in", [&](const Record& record) {
    values.emplace_back(record.value.view());
    EXPECT_GT(record.timestamp_us, an_hour_ago) << "retention would delete what keeps its old time";
  });
  EXPECT_EQ(values, (std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}));
  EXPECT_EQ(count("f.redrive"), 0u);
}

TEST_F(RedrivesTest, APlanDoesNothing) {
  fail("one");
  fail("two", "table");
  const auto plan = redrives_->plan({.queue = "dlq"}, LetterFilter());
  ASSERT_TRUE(plan) << plan.error().text;
  EXPECT_EQ(plan->selected, 2u);
  EXPECT_EQ(plan->to, (std::map<std::string, std::uint64_t>{{"f", 1}}));
  EXPECT_EQ(plan->left_out.size(), 1u);
  EXPECT_EQ(count("f.redrive"), 0u);
  EXPECT_EQ(count(kStateStream), 0u);
  EXPECT_TRUE(redrives_->list().empty());
}

TEST_F(RedrivesTest, SaysWhatCannotBe) {
  EXPECT_EQ(redrives_->start({.queue = "none"}, LetterFilter()).error().code, Code::kBadData);
  EXPECT_EQ(redrives_->start({.queue = "dlq"}, LetterFilter()).error().code, Code::kBadData) << "it is empty";
  fail("one");
  EXPECT_EQ(redrives_->start({.queue = "dlq", .to = "none"}, LetterFilter()).error().code, Code::kBadData);
  EXPECT_EQ(redrives_->start({.queue = "dlq", .to = "dlq"}, LetterFilter()).error().code, Code::kBadData);
}

}  // namespace
}  // namespace eddy::host
