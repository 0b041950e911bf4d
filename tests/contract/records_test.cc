// SPDX-License-Identifier: Apache-2.0
// What a record is when it comes back.
#include <numeric>
#include <set>

#include "base/clock.h"
#include "contract/transport_contract.h"
#include "stream/partitioner.h"

namespace eddy::host::contract {

using testing::ElementsAre;
using testing::Pair;

TEST_P(TransportContract, TellsNullFromEmpty) {
  const StreamId stream = make_stream("s");
  const Bytes null;
  const Bytes empty = "";
  const Header headers[] = {{"null", null}, {"empty", empty}, {"", "x"}};
  const OutRecord records[] = {{null, null, {}, 1, 0u},
                               {null, empty, {}, 1, 0u},
                               {empty, null, {}, 1, 0u},
                               {empty, empty, headers, 1, 0u},
                               {"k", "v", {}, 1, 0u}};
  ASSERT_TRUE(transport_->append(stream, records).ok());
  const std::vector<Owned> got = browse("s")[0];
  ASSERT_EQ(got.size(), 5u);
  EXPECT_EQ(got[0].key, std::nullopt);
  EXPECT_EQ(got[0].value, std::nullopt);
  EXPECT_EQ(got[1].key, std::nullopt);
  EXPECT_EQ(got[1].value, "");
  EXPECT_EQ(got[2].key, "");
  EXPECT_EQ(got[2].value, std::nullopt);
  EXPECT_EQ(got[3].key, "");
  EXPECT_EQ(got[3].value, "");
  EXPECT_THAT(got[3].headers, ElementsAre(Pair("null", std::nullopt), Pair("empty", ""), Pair("", "x")));
  EXPECT_EQ(got[4].key, "k");
  EXPECT_EQ(got[4].value, "v");
  EXPECT_TRUE(got[4].headers.empty());
}

TEST_P(TransportContract, KeepsHeaderOrderAndRepeats) {
  const StreamId stream = make_stream("s");
  const Header headers[] = {{"b", "1"}, {"a", "2"}, {"b", "3"}, {"b", "1"}};
  const OutRecord records[] = {{{}, "plain", {}, 1, 0u}, {{}, "headed", headers, 1, 0u}, {{}, "plain", {}, 1, 0u}};
  ASSERT_TRUE(transport_->append(stream, records).ok());
  const std::vector<Owned> got = browse("s")[0];
  ASSERT_EQ(got.size(), 3u);
  EXPECT_TRUE(got[0].headers.empty());
  EXPECT_THAT(got[1].headers, ElementsAre(Pair("b", "1"), Pair("a", "2"), Pair("b", "3"), Pair("b", "1")));
  EXPECT_TRUE(got[2].headers.empty());
}

TEST_P(TransportContract, KeepsEveryByteAndTheTime) {
  const StreamId stream = make_stream("s");
  std::string bytes(256, '\0');
  std::iota(bytes.begin(), bytes.end(), '\0');
  const std::int64_t time = 1'700'000'000'123'000;  // whole milliseconds: what Kafka keeps
  ASSERT_TRUE(transport_->append(stream, std::vector<OutRecord>{{bytes, bytes, {}, time, 0u}}).ok());
  const std::vector<Owned> got = browse("s")[0];
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].key, bytes);
  EXPECT_EQ(got[0].value, bytes);
  EXPECT_EQ(got[0].timestamp_us, time);
}

TEST_P(TransportContract, GivesARecordWithoutTimeTheTimeOfItsWriting) {
  const StreamId stream = make_stream("s");
  const std::int64_t before = SystemClock().now_us() / 1000 * 1000;
  append_numbers(stream, 1);
  const std::int64_t after = SystemClock().now_us();
  const std::vector<Owned> got = browse("s")[0];
  ASSERT_EQ(got.size(), 1u);
  EXPECT_GE(got[0].timestamp_us, before);
  EXPECT_LE(got[0].timestamp_us, after);
}

TEST_P(TransportContract, FollowsEachPolledValueByReadableBytes) {
  const StreamId stream = make_stream("s");
  append_numbers(stream, 3);
  auto reader = session("g", "s");
  auto polled = reader->poll(kPatience, 10);
  ASSERT_TRUE(polled.ok());
  ASSERT_FALSE(polled->empty());
  int sum = 0;
  for (const Record& record : *polled) {
    for (std::size_t i = 0; i < 64; ++i) sum += record.value.data()[record.value.size() + i];
  }
  EXPECT_NE(sum, 1'000'000);  // the reading is the test; it must not be optimised away
}

TEST_P(TransportContract, PutsKeysWhereKafkaPutsThem) {
  const StreamId stream = make_stream("s", 7);
  std::vector<std::string> keys = {""};
  for (int i = 0; i < 50; ++i) keys.push_back("key-" + std::to_string(i));
  std::vector<OutRecord> records;
  for (const std::string& key : keys) records.push_back({key, "v", {}, 1, {}});
  ASSERT_TRUE(transport_->append(stream, records).ok());
  std::size_t found = 0;
  for (const auto& [partition, held] : browse("s")) {
    for (const Owned& record : held) EXPECT_EQ(partition, partition_of_key(*record.key, 7));
    found += held.size();
  }
  EXPECT_EQ(found, keys.size());
}

TEST_P(TransportContract, SpreadsRecordsWithoutKey) {
  const StreamId stream = make_stream("s", 3);
  make_stream("source");
  auto writer = session("g", "source");
  for (int unit = 0; unit < 6; ++unit) {
    ASSERT_TRUE(writer->write(stream, {{}, "v", {}, 1, {}}).ok());
    ASSERT_TRUE(writer->commit().ok());
  }
  EXPECT_GT(browse("s").size(), 1u);
}

TEST_P(TransportContract, HonoursAPartitionAndRefusesOneThatIsNotThere) {
  const StreamId stream = make_stream("s", 3);
  make_stream("source");
  auto writer = session("g", "source");
  ASSERT_TRUE(writer->write(stream, {"key", "there", {}, 1, 2u}).ok());
  const auto refused = writer->write(stream, {"key", "nowhere", {}, 1, 3u});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kBadData);
  EXPECT_THAT(refused.error().text, testing::HasSubstr("3"));
  ASSERT_TRUE(writer->commit().ok());
  EXPECT_THAT(values_of("s", 2), ElementsAre("there"));
  EXPECT_EQ(browse("s").size(), 1u);
}

TEST_P(TransportContract, RefusesARecordOverTheLimitAndKeepsTheRestOfTheUnit) {
  const StreamId stream = make_stream("s");
  make_stream("source");
  auto writer = session("g", "source");
  const std::string large(transport_->max_record_bytes(stream), 'x');
  ASSERT_TRUE(writer->write(stream, {{}, "before", {}, 1, {}}).ok());
  const auto refused = writer->write(stream, {"k", large, {}, 1, {}});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kTooLarge);
  EXPECT_THAT(refused.error().text, testing::HasSubstr(std::to_string(transport_->max_record_bytes(stream))));
  ASSERT_TRUE(writer->write(stream, {{}, "after", {}, 1, {}}).ok());
  ASSERT_TRUE(writer->commit().ok());
  EXPECT_THAT(values_of("s"), ElementsAre("before", "after"));
}

TEST_P(TransportContract, RefusesAnAppendWholeWhenOneRecordIsOverTheLimit) {
  const StreamId stream = make_stream("s");
  const std::string large(transport_->max_record_bytes(stream) + 1, 'x');
  const OutRecord records[] = {{{}, "small", {}, 1, {}}, {{}, large, {}, 1, {}}};
  const auto refused = transport_->append(stream, records);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kTooLarge);
  EXPECT_TRUE(browse("s").empty());
}

TEST_P(TransportContract, CarriesARecordOfTheLargestSize) {
  const StreamId stream = make_stream("s");
  std::string large(transport_->max_record_bytes(stream) - 1, 'x');
  for (std::size_t i = 0; i < large.size(); i += 997) large[i] = static_cast<char>('a' + i % 26);
  ASSERT_TRUE(transport_->append(stream, std::vector<OutRecord>{{"k", large, {}, 1, {}}}).ok());
  append_numbers(stream, 1);
  auto reader = session("g", "s");
  const std::vector<Owned> got = poll_owned(*reader, 2);
  ASSERT_EQ(got.size(), 2u);
  EXPECT_TRUE(got[0].value == large);
  EXPECT_EQ(got[1].value, "0");
}

TEST_P(TransportContract, KeepsOrderWithinAPartition) {
  const StreamId stream = make_stream("s", 3);
  for (int round = 0; round < 10; ++round) {
    for (std::uint32_t partition = 0; partition < 3; ++partition) append_numbers(stream, 100, round * 100, partition);
  }
  auto reader = session("g", "s");
  std::map<std::uint32_t, std::vector<Owned>> got;
  for (const Owned& record : poll_owned(*reader, 3000)) got[record.partition].push_back(record);
  ASSERT_EQ(got.size(), 3u);
  for (const auto& [partition, held] : got) EXPECT_EQ(values(held), numbers(0, 1000));
}

}  // namespace eddy::host::contract
