// SPDX-License-Identifier: Apache-2.0
#include "stream/embedded/chunk.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>

#include "base/hash.h"

namespace eddy::host::embedded {

namespace {

std::vector<Header> two_headers() { return {{"a", "1"}, {"b", Bytes()}}; }

// One record of each kind, times going both ways.
ChunkWriter sample() {
  static const std::vector<Header> headers = two_headers();
  static const std::string long_value(300, 'x');
  ChunkWriter writer;
  writer.append({"key", "value", {}, 0, {}}, 1'700'000'000'000'000);
  writer.append({Bytes(), Bytes(), {}, 0, {}}, 1'700'000'000'000'001);
  writer.append({"", "", headers, 0, {}}, -5);
  writer.append({"k", long_value, headers, 0, {}}, 1'700'000'000'000'002);
  return writer;
}

ChunkHeader header_of(const ChunkWriter& writer, std::int64_t base = 100) {
  return {3, 1, base, writer.count(), writer.first_us(), writer.last_us()};
}

}  // namespace

TEST(Chunk, GivesBackWhatWentIn) {
  const ChunkWriter writer = sample();
  RecordBatch batch;
  ASSERT_TRUE(batch.decode(writer.bytes(), header_of(writer), 100));
  const std::span<const Record> records = batch.records();
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records[0].key, Bytes("key"));
  EXPECT_EQ(records[0].value, Bytes("value"));
  EXPECT_EQ(records[0].timestamp_us, 1'700'000'000'000'000);
  EXPECT_EQ(records[0].offset, 100);
  EXPECT_EQ(records[0].partition, 1u);
  EXPECT_TRUE(records[0].headers.empty());
  EXPECT_TRUE(records[1].key.null());
  EXPECT_TRUE(records[1].value.null());
  EXPECT_EQ(records[2].key, Bytes(""));
  EXPECT_EQ(records[2].value, Bytes(""));
  EXPECT_EQ(records[2].timestamp_us, -5);
  ASSERT_EQ(records[2].headers.size(), 2u);
  EXPECT_EQ(records[2].headers[0].value, Bytes("1"));
  EXPECT_TRUE(records[2].headers[1].value.null());
  EXPECT_EQ(records[3].value.size(), 300u);
  EXPECT_EQ(records[3].offset, 103);
  EXPECT_EQ(writer.first_us(), -5);
  EXPECT_EQ(writer.last_us(), 1'700'000'000'000'002);
}

TEST(Chunk, StartsInTheMiddle) {
  const ChunkWriter writer = sample();
  RecordBatch batch;
  ASSERT_TRUE(batch.decode(writer.bytes(), header_of(writer), 103));
  ASSERT_TRUE(batch.decode(writer.bytes(), header_of(writer, 104), 0));
  const std::span<const Record> records = batch.records();
  ASSERT_EQ(records.size(), 5u);
  EXPECT_EQ(records[0].offset, 103);
  EXPECT_EQ(records[0].timestamp_us, 1'700'000'000'000'002);
  ASSERT_EQ(records[0].headers.size(), 2u);
  EXPECT_EQ(records[0].headers[0].name, Bytes("a"));
  EXPECT_EQ(records[3].headers.size(), 2u);
}

TEST(Chunk, KeepsTheFurthestTimes) {
  ChunkWriter writer;
  const std::int64_t times[] = {std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min(), 0,
                                -1};
  for (const std::int64_t time : times) writer.append({}, time);
  RecordBatch batch;
  ASSERT_TRUE(batch.decode(writer.bytes(), header_of(writer), 0));
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(batch.records()[i].timestamp_us, times[i]);
}

// The bytes of format 1, for ever.
TEST(Chunk, WritesTheFrozenBytes) {
  const std::vector<Header> headers = two_headers();
  ChunkWriter writer;
  writer.append({"k", "value", {}, 0, {}}, 1);
  writer.append({Bytes(), "", headers, 0, {}}, 65);
  EXPECT_EQ(to_hex(writer.bytes()),
            "01"
            "03"
            "02"
            "01"
            "05"
            "6b"
            "76616c7565"
            "06"
            "8001"
            "00"
            "02"
            "01"
            "02"
            "61"
            "31"
            "01"
            "00"
            "62");
  EXPECT_EQ(chunk_crc(crc32c(writer.bytes()), {1, 2, 3, 2, 1, 65}), 0x3d6e6f95u);
}

TEST(Chunk, FindsEveryFlippedBitByItsChecksum) {
  const ChunkWriter writer = sample();
  const std::string good(writer.bytes());
  const ChunkHeader header = header_of(writer);
  const std::uint32_t crc = chunk_crc(crc32c(good), header);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << bit % 8);
    EXPECT_NE(chunk_crc(crc32c(bad), header), crc) << "bit " << bit;
  }
}

TEST(Chunk, FindsAChunkInTheWrongPlaceByItsChecksum) {
  const ChunkWriter writer = sample();
  const std::uint32_t bytes_crc = crc32c(writer.bytes());
  const ChunkHeader good = header_of(writer);
  ChunkHeader bad[6] = {good, good, good, good, good, good};
  ++bad[0].stream;
  ++bad[1].partition;
  ++bad[2].base;
  ++bad[3].count;
  ++bad[4].first_us;
  ++bad[5].last_us;
  for (const ChunkHeader& header : bad) EXPECT_NE(chunk_crc(bytes_crc, header), chunk_crc(bytes_crc, good));
}

// A right checksum over wrong bytes must not lead the decoder astray either.
TEST(Chunk, RefusesEveryTruncation) {
  const ChunkWriter writer = sample();
  const ChunkHeader header = header_of(writer);
  for (std::size_t size = 0; size < writer.bytes().size(); ++size) {
    const std::vector<char> exact(writer.bytes().begin(), writer.bytes().begin() + static_cast<std::ptrdiff_t>(size));
    RecordBatch batch;
    EXPECT_FALSE(batch.decode({exact.data(), exact.size()}, header, 0)) << "size " << size;
    EXPECT_EQ(batch.size(), 0u);
  }
}

TEST(Chunk, RefusesWrongCountsAndTrailingBytes) {
  const ChunkWriter writer = sample();
  RecordBatch batch;
  for (const std::uint32_t count : {0u, 3u, 5u, 0xffffffffu}) {
    ChunkHeader header = header_of(writer);
    header.count = count;
    EXPECT_FALSE(batch.decode(writer.bytes(), header, 0)) << count;
  }
  const std::string longer = std::string(writer.bytes()) + '\0';
  EXPECT_FALSE(batch.decode(longer, header_of(writer), 0));
  const std::string newer = '\2' + std::string(writer.bytes().substr(1));
  EXPECT_FALSE(batch.decode(newer, header_of(writer), 0));
}

TEST(Chunk, KeepsTheGoodChunksBesideABadOne) {
  const ChunkWriter writer = sample();
  RecordBatch batch;
  ASSERT_TRUE(batch.decode(writer.bytes(), header_of(writer), 0));
  EXPECT_FALSE(batch.decode(writer.bytes().substr(0, 300), header_of(writer, 104), 0));
  ASSERT_TRUE(batch.decode(writer.bytes(), header_of(writer, 108), 0));
  const std::span<const Record> records = batch.records();
  ASSERT_EQ(records.size(), 8u);
  EXPECT_EQ(records[6].offset, 110);
  EXPECT_EQ(records[6].headers.size(), 2u);
}

TEST(Chunk, NeverReadsOutsideOfAnyBytes) {
  std::mt19937 random(1);
  const std::string good(sample().bytes());
  for (int round = 0; round < 20'000; ++round) {
    std::string bad = good.substr(0, 1 + random() % good.size());
    for (int change = 0; change < 3; ++change) bad[1 + random() % bad.size() - 1] = static_cast<char>(random());
    const std::vector<char> exact(bad.begin(), bad.end());
    RecordBatch batch;
    if (!batch.decode({exact.data(), exact.size()}, {1, 0, 0, 1 + static_cast<std::uint32_t>(random() % 6), 0, 0}, 0)) {
      continue;
    }
    for (const Record& record : batch.records()) {
      EXPECT_LE(record.key.size() + record.value.size(), exact.size());
      for (const Header& header : record.headers) EXPECT_LE(header.name.size() + header.value.size(), exact.size());
    }
  }
}

}  // namespace eddy::host::embedded
