// SPDX-License-Identifier: Apache-2.0
// Records that wait while later ones of their partition end, and partitions that wait.
#include "contract/transport_contract.h"

namespace eddy::host::contract {

using testing::ElementsAre;

namespace {

constexpr std::int64_t kDue = 4'102'444'800'000'000;

Position position(Transport& transport, std::uint32_t partition = 0) {
  return transport.positions("g", "source")->at(partition);
}

// Polls `count` records; holds those whose value is in `held`, ends the others.
std::vector<Owned> poll_holding(Session& session, std::size_t count, const std::vector<std::string>& held,
                                const Wait& wait) {
  std::vector<Owned> all;
  while (all.size() < count) {
    auto polled = session.poll(kPatience, count - all.size());
    EXPECT_TRUE(polled.ok()) << polled.error().text;
    if (!polled || polled->empty()) break;
    for (const Record& record : *polled) {
      all.push_back(own(record));
      if (std::ranges::count(held, record.value.view()) > 0) {
        session.hold(record, wait);
      } else {
        session.end(record, Outcome::kDelivered);
      }
    }
  }
  return all;
}

}  // namespace

TEST_P(TransportContract, PositionStaysBelowAHeldRecord) {
  append_numbers(make_stream("source"), 10);
  auto worker = session("g", "source");
  const std::vector<Owned> got = poll_holding(*worker, 10, {"3", "5"}, {1, kDue});
  ASSERT_TRUE(worker->commit().ok());
  EXPECT_EQ(position(*transport_).committed, got[3].offset);
  EXPECT_EQ(position(*transport_).held, 2u);
  EXPECT_EQ(position(*transport_).tally.delivered, 8u);

  worker->end(0, got[3].offset, Outcome::kDelivered);
  ASSERT_TRUE(worker->commit().ok());
  EXPECT_EQ(position(*transport_).committed, got[5].offset);
  worker->end(0, got[5].offset, Outcome::kDeadLettered);
  ASSERT_TRUE(worker->commit().ok());
  EXPECT_GT(position(*transport_).committed, got[9].offset);
  EXPECT_EQ(position(*transport_).tally, (Tally{9, 0, 1, 0}));
  EXPECT_TRUE(worker->poll(kNoWait, 10)->empty());
}

TEST_P(TransportContract, ASuccessorGetsOnlyWhatIsHeldAndWhatIsNew) {
  const StreamId source = make_stream("source");
  append_numbers(source, 10);
  {
    auto worker = session("g", "source");
    poll_holding(*worker, 10, {"3", "5"}, {2, kDue});
    ASSERT_TRUE(worker->commit().ok());
  }
  append_numbers(source, 2, 10);
  auto worker = session("g", "source");
  std::vector<std::string> got;
  while (got.size() < 4) {
    auto polled = worker->poll(kPatience, 10);
    ASSERT_TRUE(polled.ok()) << polled.error().text;
    ASSERT_FALSE(polled->empty());
    for (const Record& record : *polled) {
      got.emplace_back(record.value.view());
      const bool held = got.size() <= 2;
      EXPECT_EQ(record.attempts, held ? 2u : 0u);
      EXPECT_EQ(record.due_us, held ? kDue : 0);
      worker->end(record, Outcome::kDelivered);
    }
  }
  EXPECT_THAT(got, ElementsAre("3", "5", "10", "11"));
  ASSERT_TRUE(worker->commit().ok());
  EXPECT_EQ(position(*transport_).held, 0u);
  EXPECT_EQ(position(*transport_).tally.delivered, 12u);
}

TEST_P(TransportContract, AHeldRecordThatWasPolledAgainAndLeftComesOnceMore) {
  append_numbers(make_stream("source"), 6);
  {
    auto worker = session("g", "source");
    poll_holding(*worker, 6, {"1", "2", "4"}, {1, kDue});
    ASSERT_TRUE(worker->commit().ok());
  }
  auto worker = session("g", "source");
  auto polled = worker->poll(kPatience, 1);
  ASSERT_EQ(polled->size(), 1u);
  worker->hold(polled->front(), {2, kDue});
  polled = worker->poll(kPatience, 10);
  ASSERT_FALSE(polled->empty());
  EXPECT_EQ(polled->front().value.view(), "2");
  ASSERT_TRUE(worker->commit().ok());
  EXPECT_THAT(values(poll_owned(*worker, 2)), ElementsAre("2", "4"));
  ASSERT_TRUE(worker->commit().ok());
  EXPECT_EQ(position(*transport_).held, 1u);
}

TEST_P(TransportContract, AbortForgetsHoldsOfTheUnit) {
  append_numbers(make_stream("source"), 5);
  auto worker = session("g", "source");
  poll_holding(*worker, 5, {"1"}, {1, kDue});
  ASSERT_TRUE(worker->abort().ok());
  auto polled = worker->poll(kPatience, 2);
  ASSERT_EQ(polled->size(), 2u);
  EXPECT_EQ((*polled)[1].value.view(), "1");
  EXPECT_EQ((*polled)[1].attempts, 0u);
}

TEST_P(TransportContract, AbortGivesStoredHoldsAgain) {
  append_numbers(make_stream("source"), 5);
  auto worker = session("g", "source");
  poll_holding(*worker, 5, {"1"}, {1, kDue});
  ASSERT_TRUE(worker->commit().ok());
  ASSERT_TRUE(worker->abort().ok());
  auto polled = worker->poll(kPatience, 5);
  ASSERT_EQ(polled->size(), 1u);
  EXPECT_EQ(polled->front().value.view(), "1");
  EXPECT_EQ(polled->front().attempts, 1u);
}

TEST_P(TransportContract, CarriesAsManyHoldsAsItPromises) {
  append_numbers(make_stream("source"), static_cast<int>(kMostHeld) + 1);
  {
    auto worker = session("g", "source");
    poll_holding(*worker, kMostHeld, numbers(0, static_cast<int>(kMostHeld)), {7, kDue});
    const auto done = worker->commit();
    ASSERT_TRUE(done.ok()) << done.error().text;
  }
  EXPECT_EQ(position(*transport_).held, kMostHeld);
  auto worker = session("g", "source");
  EXPECT_EQ(values(poll_owned(*worker, kMostHeld + 1)), numbers(0, static_cast<int>(kMostHeld) + 1));
}

TEST_P(TransportContract, APausedPartitionKeepsItsRecordsAndOthersFlow) {
  const StreamId source = make_stream("source", 2);
  append_numbers(source, 5, 0, 0u);
  append_numbers(source, 5, 100, 1u);
  auto worker = session("g", "source");
  std::vector<Owned> first;
  auto polled = worker->poll(kPatience, 10);
  ASSERT_FALSE(polled->empty());
  const std::uint32_t paused = polled->front().partition;
  worker->hold(polled->front(), {1, kDue});
  worker->pause(paused);
  for (const Record& record : *polled) {
    if (record.partition != paused) first.push_back(own(record)), worker->end(record, Outcome::kDelivered);
  }
  ASSERT_TRUE(worker->commit().ok());
  for (const Owned& record : poll_owned(*worker, 5 - first.size())) first.push_back(record);
  EXPECT_EQ(values(first), paused == 0 ? numbers(100, 105) : numbers(0, 5));
  EXPECT_TRUE(worker->poll(kNoWait, 10)->empty());
  ASSERT_TRUE(worker->commit().ok());

  worker->resume(paused);
  EXPECT_EQ(values(poll_owned(*worker, 4)), paused == 0 ? numbers(1, 5) : numbers(101, 105));
}

}  // namespace eddy::host::contract
