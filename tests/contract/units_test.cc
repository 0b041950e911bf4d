// SPDX-License-Identifier: Apache-2.0
// A unit of work: all of it, or nothing.
#include "contract/transport_contract.h"

namespace eddy::host::contract {

using testing::ElementsAre;

TEST_P(TransportContract, ShowsNothingBeforeCommitAndAllAfter) {
  const StreamId first = make_stream("first");
  const StreamId second = make_stream("second");
  append_numbers(make_stream("source"), 5);
  auto worker = session("g", "source");
  poll_owned(*worker, 5);
  ASSERT_TRUE(worker->write(first, {{}, "a", {}, 1, {}}).ok());
  ASSERT_TRUE(worker->write(second, {{}, "b", {}, 1, {}}).ok());
  EXPECT_TRUE(browse("first").empty());
  EXPECT_TRUE(browse("second").empty());
  EXPECT_EQ(total_tally("g", "source").delivered, 0u);
  ASSERT_TRUE(worker->commit().ok());
  EXPECT_THAT(values_of("first"), ElementsAre("a"));
  EXPECT_THAT(values_of("second"), ElementsAre("b"));
  EXPECT_EQ(total_tally("g", "source").delivered, 5u);
}

TEST_P(TransportContract, AbortForgetsWritesAndPositions) {
  const StreamId out = make_stream("out");
  append_numbers(make_stream("source"), 10);
  auto worker = session("g", "source");
  poll_owned(*worker, 4);
  ASSERT_TRUE(worker->write(out, {{}, "kept", {}, 1, {}}).ok());
  ASSERT_TRUE(worker->commit().ok());

  EXPECT_EQ(values(poll_owned(*worker, 3)), numbers(4, 7));
  ASSERT_TRUE(worker->write(out, {{}, "forgotten", {}, 1, {}}).ok());
  ASSERT_TRUE(worker->abort().ok());

  EXPECT_EQ(values(poll_owned(*worker, 6)), numbers(4, 10));
  ASSERT_TRUE(worker->commit().ok());
  EXPECT_THAT(values_of("out"), ElementsAre("kept"));
  EXPECT_EQ(total_tally("g", "source").delivered, 10u);
}

TEST_P(TransportContract, GoesOnWhereTheLastCommitWasAfterARestart) {
  append_numbers(make_stream("source"), 10);
  auto worker = session("g", "source");
  poll_owned(*worker, 4);
  ASSERT_TRUE(worker->commit().ok());
  poll_owned(*worker, 2);
  worker.reset();  // not committed: as if it had died
  transport_.reset();
  transport_ = *bed_->open();
  worker = session("g", "source");
  EXPECT_EQ(values(poll_owned(*worker, 6)), numbers(4, 10));
}

TEST_P(TransportContract, GivesAgainWhatWasPolledButNotEnded) {
  append_numbers(make_stream("source"), 1000);
  auto worker = session("g", "source");
  auto polled = worker->poll(kPatience, 1000);
  ASSERT_TRUE(polled.ok());
  ASSERT_GE(polled->size(), 400u);
  for (const Record& record : polled->first(400)) worker->end(record, Outcome::kDelivered);
  ASSERT_TRUE(worker->commit().ok());
  EXPECT_EQ(values(poll_owned(*worker, 600)), numbers(400, 1000));
}

TEST_P(TransportContract, LetsAUnitSpanSeveralPolls) {
  append_numbers(make_stream("source"), 1000);
  auto worker = session("g", "source");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(values(poll_owned(*worker, 70)), numbers(70 * i, 70 * i + 70));
  ASSERT_TRUE(worker->commit().ok());
  EXPECT_EQ(values(poll_owned(*worker, 300)), numbers(700, 1000));
  EXPECT_EQ(total_tally("g", "source").delivered, 700u);
}

TEST_P(TransportContract, NeverGivesMoreThanAskedFor) {
  append_numbers(make_stream("source"), 20);
  auto worker = session("g", "source");
  for (int i = 0; i < 20; ++i) {
    auto polled = worker->poll(kPatience, 1);
    ASSERT_TRUE(polled.ok());
    ASSERT_EQ(polled->size(), 1u);
    EXPECT_EQ(polled->front().value.view(), std::to_string(i));
    worker->end(polled->front(), Outcome::kDelivered);
  }
  ASSERT_TRUE(worker->commit().ok());
}

TEST_P(TransportContract, CommitsAnEmptyUnit) {
  make_stream("source");
  auto worker = session("g", "source");
  EXPECT_TRUE(worker->commit().ok());
  EXPECT_TRUE(worker->abort().ok());
  EXPECT_TRUE(worker->commit().ok());
}

TEST_P(TransportContract, TakesAUnitOfManyRecordsForManyPartitions) {
  const StreamId out = make_stream("out", 5);
  make_stream("source");
  auto worker = session("g", "source");
  const std::string filler(100, 'x');
  for (int i = 0; i < 20'000; ++i) {
    const std::string value = std::to_string(i);
    const Header headers[] = {{"filler", filler}};
    ASSERT_TRUE(worker->write(out, {{}, value, headers, 1, static_cast<std::uint32_t>(i % 5)}).ok());
  }
  ASSERT_TRUE(worker->commit().ok());
  const auto got = browse("out");
  ASSERT_EQ(got.size(), 5u);
  for (const auto& [partition, held] : got) {
    ASSERT_EQ(held.size(), 4000u);
    for (std::size_t i = 0; i < held.size(); ++i) ASSERT_EQ(held[i].value, std::to_string(i * 5 + partition));
  }
}

TEST_P(TransportContract, KeepsTalliesWithThePositions) {
  append_numbers(make_stream("source", 2), 6, 0, 0u);
  append_numbers(*transport_->find_stream("source"), 4, 0, 1u);
  auto worker = session("g", "source");
  poll_owned(*worker, 5, Outcome::kDelivered);
  poll_owned(*worker, 3, Outcome::kFiltered);
  ASSERT_TRUE(worker->commit().ok());
  poll_owned(*worker, 2, Outcome::kDeadLettered);
  ASSERT_TRUE(worker->commit().ok());
  const Tally tally = total_tally("g", "source");
  EXPECT_EQ(tally.delivered, 5u);
  EXPECT_EQ(tally.filtered, 3u);
  EXPECT_EQ(tally.dead_lettered, 2u);
  const auto positions = transport_->positions("g", "source");
  ASSERT_TRUE(positions.ok());
  ASSERT_EQ(positions->size(), 2u);
  for (const Position& position : *positions) {
    EXPECT_GE(position.committed - position.begin,
              position.partition == 0 ? 6 : 4);  // a transport may pass its markers
    EXPECT_LE(position.committed, position.end);
  }
}

}  // namespace eddy::host::contract
