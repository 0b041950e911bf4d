// SPDX-License-Identifier: Apache-2.0
// One sender, unit by unit: what it takes for what was selected, and the index that it asks.
#include "redrive/sender.h"

#include "bench.h"
#include "triage/schema.h"

namespace eddy::host {
namespace {

class SenderTest : public test::RedriveBench {
 protected:
  SenderTest() {
    context_.targets = targets();
    spec_ = {.id = "r1", .queue = "dlq", .by = "tester", .created_us = clock_.now_us()};
  }

  std::unique_ptr<TriageIndex> open_index() {
    TriageMasks masks;
    masks.identity = masks_;
    return *TriageIndex::open(folder_.path(), *store_, "test", clock_, masks);
  }

  // All letters in the queue, as they are now.
  void select(const Selection::Marks& marks = {}) {
    std::vector<LetterPlace> places;
    each(spec_.queue, [&](const Record& record) {
      const DeadLetter& letter = **reader_.read(record);
      places.push_back({spec_.queue, record.partition, record.offset, std::string(letter.id), letter.hops});
      id_ = letter.id;
    });
    selection_ = Selection::of(places, spec_.queue, marks);
  }
  void open() {
    auto opened = Sender::open(context_, spec_, selection_, [this](const std::string& function) -> Result<void> {
      met_.push_back(function);
      if (met_.size() == 1 && first_meeting_fails_) return Error{Code::kUnavailable, "not now"};
      return {};
    });
    ASSERT_TRUE(opened) << opened.error().text;
    sender_ = *std::move(opened);
  }
  // Letters that are sent in one unit.
  std::uint64_t send(std::uint64_t most = 1000) {
    if (sender_ == nullptr) open();
    const auto sent = sender_->send(std::chrono::milliseconds(0), most, left_out_);
    EXPECT_TRUE(sent) << (sent ? "" : sent.error().text);
    return sent ? *sent : 0;
  }
  void tell(LetterState state, std::int64_t at_us) {
    LetterStateWriter states;
    append(kStateStream, states.write({.id = id_, .queue = "dlq", .state = state, .at_us = at_us, .by = "somebody"}));
  }
  std::string born() {
    const auto database = *sqlite::Database::open(triage::index_path(folder_.path()), {});
    return *triage::read_meta(*database, "born");
  }

  std::string masks_ = "one";
  RedriveContext context_{*store_, clock_, {}, [this] { return open_index(); }, [this] { return masks_; }};
  RedriveSpec spec_;
  Selection selection_;
  std::unique_ptr<Sender> sender_;
  std::string id_;  // the newest letter's
  std::vector<std::string> met_;
  bool first_meeting_fails_ = false;
  std::map<std::string, std::uint64_t> left_out_;
};

TEST_F(SenderTest, WhatIsToldLateIsHeededWhateverItsTime) {
  fail("one");
  select();
  tell(LetterState::kRecovered, spec_.created_us - 1'000'000);  // its unit was in flight
  EXPECT_EQ(send(), 0u);
  EXPECT_EQ(left_out_.size(), 1u);
  EXPECT_EQ(count("f.redrive"), 0u);
}

TEST_F(SenderTest, WhatHasFailedAgainSinceIsLeftOut) {
  fail("one");
  select();
  fail_again();
  EXPECT_EQ(send(), 0u);
  EXPECT_EQ(left_out_["something else became of it since it was selected"], 1u);
}

TEST_F(SenderTest, WhatWasSelectedInAStateIsSentAsLongAsNothingMoreIsSaid) {
  fail("one");
  select();
  tell(LetterState::kDiscarded, 5);
  select({{id_, {LetterState::kDiscarded, 5}}});
  EXPECT_EQ(send(), 1u);

  fail("two");
  sender_.reset();
  spec_.id = "r2";
  select();
  tell(LetterState::kDiscarded, 7);
  select({{id_, {LetterState::kDiscarded, 6}}});
  EXPECT_EQ(send(), 0u) << "the first is redriven, the second was discarded once more";
}

TEST_F(SenderTest, AFunctionIsMetBeforeItIsSentAnything) {
  fail("one");
  select();
  open();
  first_meeting_fails_ = true;
  EXPECT_FALSE(sender_->send(std::chrono::milliseconds(0), 1000, left_out_));
  EXPECT_EQ(count("f.redrive"), 0u);
  EXPECT_EQ(count(kStateStream), 0u);
  EXPECT_EQ(send(), 1u);
  EXPECT_EQ(met_, (std::vector<std::string>{"f", "f"}));
}

TEST_F(SenderTest, OfAParkedQueueTheIndexStaysWhatItIs) {
  spec_.queue = "dlq.parked";
  fail("one", "transform", "dlq.parked");
  const auto index = open_index();
  const std::string queues[] = {"dlq"};
  ASSERT_TRUE(index->catch_up(queues));
  select();
  fail("two", "transform", "dlq.parked");
  EXPECT_EQ(send(), 1u);
  LetterFilter parked;
  parked.states = LetterStates().set(static_cast<std::size_t>(LetterState::kParked));
  ASSERT_TRUE(index->catch_up(queues));
  EXPECT_EQ(index->select("dlq", parked)->size(), 1u) << "the one that was not sent";
  each(kStateStream, [&](const Record& record) { EXPECT_EQ(read_letter_state(record)->queue, "dlq"); });
}

TEST_F(SenderTest, OtherMasksAreTakenUpWithoutMakingTheIndexAnew) {
  fail("one");
  fail("two");
  select();
  EXPECT_EQ(send(1), 1u);
  masks_ = "two";
  const auto host = open_index();
  const std::string of_the_host = born();
  EXPECT_EQ(send(1), 1u);
  EXPECT_EQ(born(), of_the_host);
}

}  // namespace
}  // namespace eddy::host
