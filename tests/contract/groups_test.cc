// SPDX-License-Identifier: Apache-2.0
// Groups, workers, browsing, and the list of streams.
#include <set>

#include "contract/transport_contract.h"

namespace eddy::host::contract {

using testing::HasSubstr;

TEST_P(TransportContract, GivesEachGroupEveryRecord) {
  append_numbers(make_stream("source"), 10);
  auto first = session("first", "source");
  auto second = session("second", "source");
  poll_owned(*first, 10);
  ASSERT_TRUE(first->commit().ok());
  EXPECT_EQ(values(poll_owned(*second, 10)), numbers(0, 10));
  ASSERT_TRUE(second->abort().ok());
  EXPECT_EQ(total_tally("first", "source").delivered, 10u);
  EXPECT_EQ(total_tally("second", "source").delivered, 0u);
}

TEST_P(TransportContract, StartsANewGroupAtTheOldestRecord) {
  const StreamId source = make_stream("source");
  append_numbers(source, 10);
  auto worker = session("late", "source");
  append_numbers(source, 10, 10);
  EXPECT_EQ(values(poll_owned(*worker, 20)), numbers(0, 20));
}

TEST_P(TransportContract, BrowsingDoesNotConsume) {
  append_numbers(make_stream("source"), 10);
  EXPECT_EQ(values_of("source"), numbers(0, 10));
  EXPECT_EQ(values_of("source"), numbers(0, 10));
  auto worker = session("g", "source");
  EXPECT_EQ(values(poll_owned(*worker, 10)), numbers(0, 10));
}

TEST_P(TransportContract, BrowsesFromAnyOffset) {
  append_numbers(make_stream("source"), 1000);
  bed_->settle("source", 1, "");
  auto browser = *transport_->open_browser("source");
  const std::int64_t oldest = browser->read(0, 0, 1)->front().offset;
  for (const int from : {999, 0, 500, 501, 3}) {
    auto read = browser->read(0, oldest + from, 2);
    ASSERT_TRUE(read.ok());
    ASSERT_FALSE(read->empty());
    EXPECT_EQ(read->front().value.view(), std::to_string(from));
    EXPECT_LE(read->size(), 2u);
  }
  auto end = browser->read(0, oldest + 1000, 2);
  ASSERT_TRUE(end.ok());
  EXPECT_TRUE(end->empty());
  EXPECT_EQ(browser->read(7, 0, 1).error().code, Code::kBadData);
}

TEST_P(TransportContract, SharesPartitionsBetweenWorkers) {
  const StreamId source = make_stream("source", 5);
  for (std::uint32_t partition = 0; partition < 5; ++partition) {
    append_numbers(source, 10, static_cast<int>(partition) * 10, partition);
  }
  auto even = session("g", "source", 0, 2);
  auto odd = session("g", "source", 1, 2);
  std::set<std::uint32_t> seen[2];
  std::multiset<std::string> all;
  Session* const workers[] = {even.get(), odd.get()};
  while (all.size() < 50) {
    for (int i = 0; i < 2; ++i) {
      const std::vector<Owned> unit = copy_unit(*workers[i], 10);
      for (const Owned& record : unit) {
        seen[i].insert(record.partition);
        all.insert(*record.value);
      }
    }
  }
  EXPECT_EQ(all.size(), 50u);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 50u);
  if (exact()) {
    EXPECT_EQ(seen[0].size() + seen[1].size(), 5u);
  }
  EXPECT_EQ(total_tally("g", "source").delivered, 50u);
}

TEST_P(TransportContract, SaysWhichStreamsThereAreWhenOneIsNot) {
  make_stream("orders");
  for (const Error& error :
       {transport_->find_stream("ordres").error(), transport_->open_browser("ordres").error(),
        transport_->positions("g", "ordres").error(), transport_->open_session({"g", "ordres", 0, 1}).error()}) {
    EXPECT_EQ(error.code, Code::kBadData);
    EXPECT_THAT(error.text, HasSubstr("ordres"));
    EXPECT_THAT(error.text, HasSubstr("orders"));
  }
}

TEST_P(TransportContract, CreatesAStreamOnce) {
  const StreamId first = make_stream("s", 2);
  append_numbers(first, 3, 0, 1u);
  EXPECT_EQ(make_stream("s", 2), first);
  EXPECT_EQ(*transport_->find_stream("s"), first);
  EXPECT_EQ(values_of("s", 1), numbers(0, 3));
}

TEST_P(TransportContract, ListsStreams) {
  append_numbers(make_stream("b", 2), 7);
  make_stream("a");
  const auto streams = transport_->list_streams();
  ASSERT_TRUE(streams.ok());
  std::map<std::string, StreamInfo> by_name;
  for (const StreamInfo& info : *streams) by_name[info.name] = info;
  ASSERT_TRUE(by_name.contains("a") && by_name.contains("b"));
  EXPECT_EQ(by_name["a"].records, 0u);
  EXPECT_EQ(by_name["a"].partitions, 1u);
  EXPECT_GE(by_name["b"].records, 7u);
  EXPECT_EQ(by_name["b"].partitions, 2u);
  if (!exact()) return;
  EXPECT_EQ(by_name["b"].records, 7u);
  EXPECT_GT(by_name["b"].bytes, 0u);
}

TEST_P(TransportContract, RaisesPartitionsAndNeverLowersThem) {
  const StreamId stream = make_stream("s", 2);
  append_numbers(stream, 5, 0, 1u);
  auto reader = session("g", "s");
  make_stream("source");
  auto writer = session("w", "source");
  ASSERT_TRUE(writer->write(stream, {{}, "x", {}, 1, 1u}).ok());
  ASSERT_TRUE(writer->abort().ok());

  make_stream("s", 4);
  make_stream("s", 1);
  EXPECT_EQ(transport_->positions("g", "s")->size(), 4u);
  ASSERT_TRUE(writer->write(stream, {{}, "new", {}, 1, 3u}).ok());
  ASSERT_TRUE(writer->commit().ok());
  std::set<std::string> got;
  for (const Owned& record : poll_owned(*reader, 6)) got.insert(*record.value);
  EXPECT_TRUE(got.contains("new"));
  EXPECT_TRUE(got.contains("4"));
}

}  // namespace eddy::host::contract
