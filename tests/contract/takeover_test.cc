// SPDX-License-Identifier: Apache-2.0
// One session after another, and several at once: whoever has the partition, every record counts once.
#include <set>

#include "contract/transport_contract.h"

namespace eddy::host::contract {

using testing::UnorderedElementsAreArray;

namespace {

constexpr std::int64_t kDue = 4'102'444'800'000'000;
constexpr std::chrono::milliseconds kShort{50};

// Polls without a unit until partitions have gone.
std::set<std::uint32_t> poll_until_lost(Session& session) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    auto polled = session.poll(kShort, 100);
    EXPECT_TRUE(polled.ok()) << polled.error().text;
    if (!polled) break;
    if (!session.lost().empty()) return {session.lost().begin(), session.lost().end()};
  }
  ADD_FAILURE() << "no partition has gone";
  return {};
}

// The partitions whose held records a poll gives: each as it was held, whoever has it now. They stay what they are.
std::set<std::uint32_t> poll_held(Session& session) {
  std::set<std::uint32_t> partitions;
  auto polled = session.poll(kShort, 100);
  EXPECT_TRUE(polled.ok()) << polled.error().text;
  if (!polled) return partitions;
  for (const Record& record : *polled) {
    partitions.insert(record.partition);
    EXPECT_EQ(record.value.view(), "0");
    EXPECT_EQ(record.attempts, 3u);
    EXPECT_EQ(record.due_us, kDue);
  }
  EXPECT_TRUE(session.abort().ok());
  return partitions;
}

// Holds each partition's first record and ends the others, until `count` have come.
void poll_holding_first(Session& session, std::size_t count) {
  std::set<std::uint32_t> held;
  for (std::size_t got = 0; got < count;) {
    auto polled = session.poll(kPatience, count - got);
    ASSERT_TRUE(polled.ok()) << polled.error().text;
    ASSERT_FALSE(polled->empty());
    got += polled->size();
    for (const Record& record : *polled) {
      if (held.insert(record.partition).second) {
        session.hold(record, {3, kDue});
      } else {
        session.end(record, Outcome::kDelivered);
      }
    }
  }
}

}  // namespace

TEST_P(TransportContract, ASecondHostOfTheSameNameNeverCountsTwice) {
  const StreamId out = make_stream("out");
  append_numbers(make_stream("source"), 20);
  auto first = session("g", "source");
  for (const Owned& record : poll_owned(*first, 5)) ASSERT_TRUE(first->write(out, {{}, *record.value, {}, 1, {}}).ok());

  auto other = *bed_->open();
  auto second = *other->open_session({"g", "source", 0, 1, {}});
  if (const auto done = first->commit(); !done) {
    EXPECT_EQ(done.error().code, Code::kConflict);
    EXPECT_FALSE(first->commit().ok());
  }
  first.reset();
  const StreamId same = *other->find_stream("out");
  for (std::size_t total = 0; total < 20; total = total_tally("g", "source").delivered) copy_unit(*second, 7, same);
  EXPECT_THAT(values_of("out"), testing::ElementsAreArray(numbers(0, 20)));
}

TEST_P(TransportContract, HeldRecordsMoveWithTheirPartition) {
  if (exact()) GTEST_SKIP() << "partitions stay with their workers";
  const StreamId source = make_stream("source", 4);
  for (std::uint32_t partition = 0; partition < 4; ++partition) append_numbers(source, 10, 0, partition);
  auto first = session("g", "source", 0, 2);
  poll_holding_first(*first, 40);
  ASSERT_TRUE(first->commit().ok());

  auto second = session("g", "source", 1, 2);
  poll_until_lost(*first);
  while (poll_held(*second).empty()) poll_held(*first);
  first.reset();
  for (std::size_t ended = 0; ended < 4;) ended += copy_unit(*second, 100).size();
  EXPECT_EQ(total_tally("g", "source").delivered, 40u);
}

TEST_P(TransportContract, AnOpenUnitEndsBeforeItsPartitionsGo) {
  if (exact()) GTEST_SKIP() << "partitions stay with their workers";
  const StreamId out = make_stream("out");
  const StreamId source = make_stream("source", 4);
  for (std::uint32_t partition = 0; partition < 4; ++partition) append_numbers(source, 5, 0, partition);
  auto first = session("g", "source", 0, 2);
  for (const Owned& record : poll_owned(*first, 20))
    ASSERT_TRUE(first->write(out, {{}, *record.value, {}, 1, {}}).ok());

  auto second = session("g", "source", 1, 2);
  auto polled = first->poll(kPatience, 10);  // ends long before: the unit is asked for
  ASSERT_TRUE(polled.ok()) << polled.error().text;
  EXPECT_TRUE(polled->empty());
  EXPECT_TRUE(first->lost().empty());
  const auto again = first->poll(kPatience, 10);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, Code::kUnavailable);

  const auto done = first->commit();
  ASSERT_TRUE(done.ok()) << done.error().text;
  EXPECT_FALSE(poll_until_lost(*first).empty());
  bed_->settle("source", 4, "g");  // before that nobody can take them over
  EXPECT_TRUE(second->poll(kShort, 10)->empty());
  EXPECT_EQ(values_of("out").size(), 20u);
  EXPECT_EQ(total_tally("g", "source").delivered, 20u);
}

TEST_P(TransportContract, ALeaversPartitionsGoToTheOthers) {
  if (exact()) GTEST_SKIP() << "partitions stay with their workers";
  const StreamId source = make_stream("source", 4);
  auto first = session("g", "source", 0, 2);
  auto second = session("g", "source", 1, 2);
  std::multiset<std::string> all;
  std::vector<std::string> each;
  for (std::size_t of_second = 0; of_second == 0;) {
    for (std::uint32_t partition = 0; partition < 4; ++partition) {
      append_numbers(source, 5, 0, partition);
      for (const std::string& number : numbers(0, 5)) each.push_back(number);
    }
    for (const Owned& record : copy_unit(*first, 100)) all.insert(*record.value);
    for (const Owned& record : copy_unit(*second, 3)) {
      all.insert(*record.value);
      ++of_second;
    }
  }
  second.reset();
  while (all.size() < each.size()) {
    for (const Owned& record : copy_unit(*first, 100)) all.insert(*record.value);
  }
  EXPECT_THAT(all, UnorderedElementsAreArray(each));
}

}  // namespace eddy::host::contract
