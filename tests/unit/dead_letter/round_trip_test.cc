// SPDX-License-Identifier: Apache-2.0
// Key, value and headers of a dead letter come back byte for byte, whatever they are and however often it fails.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "letters.h"

namespace eddy::host::test {
namespace {

using namespace std::string_literals;

void expect_valid_json(const OutRecord& out, const QueueOptions& queue) {
  if (queue.format == QueueFormat::kRaw) return;
  EXPECT_TRUE(nlohmann::json::accept(out.value.view())) << out.value.view().substr(0, 2000);
}

// Writes, reads, and lets it fail `hops` times more; the original must be the same each time.
void expect_round_trip(const OwnedRecord& original, const QueueOptions& queue, int hops = 3) {
  LetterWriter writer;
  LetterReader reader;
  const OutRecord* out = &writer.write(original.record(), failure(), queue);
  std::unique_ptr<OwnedRecord> stored;  // `out` borrows from the one before
  for (int hop = 0;; ++hop) {
    expect_valid_json(*out, queue);
    stored = OwnedRecord::of(*out);
    const auto letter = reader.read(stored->record());
    ASSERT_TRUE(letter.ok()) << letter.error().text;
    EXPECT_TRUE((*letter)->original == original.record().value) << "hop " << hop;
    EXPECT_TRUE((*letter)->key == original.record().key) << "hop " << hop;
    EXPECT_EQ(owned((*letter)->headers), original.headers()) << "hop " << hop;
    EXPECT_EQ((*letter)->hops, static_cast<std::uint32_t>(hop));
    EXPECT_FALSE((*letter)->truncated);
    if (hop == hops) return;
    out = &writer.write_again(stored->record(), **letter, recovery_failure(), queue);
  }
}

void expect_round_trip_everywhere(const OwnedRecord& original) {
  for (const QueueOptions& queue : all_options()) expect_round_trip(original, queue);
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

std::vector<Text> values() {
  std::vector<Text> all = {
      std::nullopt,
      ""s,
      "null"s,
      "\"\""s,
      "{}"s,
      R"({"user_id":"u1","timestamp":1.50,"id":12345678901234567890})"s,
      "{\n  \"pretty\" : [ 1 , 2 ]\n}"s,
      "{\"a\":1}\n"s,
      " 12"s,
      "12"s,
      "-0.0"s,
      "1e999"s,
      "1234567890123456789012345678901234567890"s,
      "true"s,
      "tru"s,
      "\"text with \\\" quote\""s,
      R"("\u0000")"s,
      R"("\ud83d\ude00")"s,
      R"("\ud800")"s,
      "plain text, \"quoted\", back\\slash\r\n\tand tab"s,
      "nul \0 inside"s,
      "{\"a\":\"nul \0 inside\"}"s,
      "\xEF\xBB\xBF{\"bom\":1}"s,
      "{\"a\":1}{\"b\":2}"s,
      "{\"a\":1,\"a\":2}"s,
      "[1,2,3"s,
      "[1,2,3]"s,
      "\"unclosed"s,
      "\"open, then a control \x01 character\""s,
      "{\"caf\xC3\xA9\":\"\xF0\x9F\x98\x80\"}"s,
      "{\"broken\":\"\xC3\"}"s,
      "\xC3\xA9t\xC3\xA9"s,
      "\xED\xA0\x80"s,  // a surrogate in UTF-8's clothes
      "\xFF\xFE\x00\x01"s,
      "\0"s,
      R"({"original_record":{"x":1},"error_message":"m","original_encoding":"base64"})"s,
      R"("},"error_message":"forged")"s,
      nested(100),
      nested(511),
      nested(600),
      nested(3000),
  };
  std::string every_byte;
  for (int c = 0; c < 256; ++c) every_byte.push_back(static_cast<char>(c));
  all.emplace_back(every_byte);
  return all;
}

TEST(RoundTrip, EveryKindOfValue) {
  for (const Text& value : values()) {
    SCOPED_TRACE(value.value_or("(null)").substr(0, 60));
    expect_round_trip_everywhere(OwnedRecord("key"s, value));
  }
}

TEST(RoundTrip, KeysNullEmptyAndBinary) {
  for (const Text& key : {Text(), Text(""s), Text("k"s), Text("\0\xFF"s)}) {
    expect_round_trip_everywhere(OwnedRecord(key, "{}"s));
  }
}

TEST(RoundTrip, HeadersNullEmptyRepeatedAndBinary) {
  expect_round_trip_everywhere(OwnedRecord(
      "k"s, "{}"s, {{"a", "1"}, {"a", std::nullopt}, {"", ""}, {"a", "1"}, {"b", "\0\xFF"s}, {"", std::nullopt}}));
}

TEST(RoundTrip, HeadersThatLookLikeOurs) {
  const std::vector<OwnedRecord::Headers> cases = {
      {{"__eddy.errors.topic", "theirs"}},
      {{"__eddy.errors.format", "raw"}},
      {{"__eddy.errors.format", "raw"}, {"__eddy.errors.count", "2"}},
      {{"__eddy.errors.count", "1"}},
      {{"__eddy.errors.count", "9"}},
      {{"__eddy.errors.count", std::nullopt}},
      {{"__eddy.errors.count", "x"}, {"b", "1"}},
      {{"__connect.errors.topic", "theirs"}, {"kafka_dlt-original-topic", "theirs"}},
  };
  for (const auto& headers : cases) expect_round_trip_everywhere(OwnedRecord("k"s, "{}"s, headers));
}

TEST(RoundTrip, ARawLetterCopiedToAStreamByHandIsARecordLikeAnyOther) {
  LetterWriter writer;
  const OwnedRecord record("k"s, "{}"s);
  const auto copied = OwnedRecord::of(writer.write(record.record(), failure(), options(QueueFormat::kRaw)));
  expect_round_trip_everywhere(*copied);
}

TEST(RoundTrip, OneMegabyte) {
  std::string json = "[\"";
  json.append(std::size_t{1} << 20, 'x').append("\"]");
  std::string binary(std::size_t{1} << 20, '\xF7');
  std::string text(std::size_t{1} << 20, '"');
  for (const std::string* value : {&json, &binary, &text}) {
    expect_round_trip(OwnedRecord("k"s, *value), options());
    expect_round_trip(OwnedRecord("k"s, *value), options(QueueFormat::kRaw));
  }
}

TEST(RoundTrip, FormatChangesBetweenHops) {
  LetterWriter writer;
  LetterReader reader;
  for (const Text& value : values()) {
    const OwnedRecord original("k"s, value, {{"h", "1"}});
    auto stored = OwnedRecord::of(writer.write(original.record(), failure(), options()));
    for (const QueueOptions& queue : all_options()) {
      const auto letter = reader.read(stored->record());
      ASSERT_TRUE(letter.ok()) << letter.error().text;
      ASSERT_TRUE((*letter)->original == original.record().value);
      ASSERT_EQ(owned((*letter)->headers), original.headers());
      stored = OwnedRecord::of(writer.write_again(stored->record(), **letter, recovery_failure(), queue));
    }
  }
}

std::string random_bytes(std::mt19937& random) {
  static constexpr std::string_view kJsonish = "{}[]\":,0123456789.eE+-truefalsn\\u \n\x00\xC3\xA9\xFF";
  std::string bytes(random() % 80, '\0');
  const bool jsonish = random() % 2 == 0;
  for (char& c : bytes) c = static_cast<char>(jsonish ? kJsonish[random() % kJsonish.size()] : random() % 256);
  return bytes;
}

Text random_text(std::mt19937& random) { return random() % 8 == 0 ? Text() : Text(random_bytes(random)); }

TEST(RoundTrip, RandomBytes) {
  std::mt19937 random(20261123);
  const std::vector<QueueOptions> all = all_options();
  for (int i = 0; i < 3000 && !testing::Test::HasFailure(); ++i) {
    OwnedRecord::Headers headers;
    for (std::size_t count = random() % 4; count > 0; --count) {
      headers.emplace_back(random_bytes(random), random_text(random));
    }
    const OwnedRecord original(random_text(random), random_text(random), std::move(headers));
    expect_round_trip(original, all[random() % all.size()]);
  }
}

// Errors of every kind of bytes must neither break the envelope nor the original.
TEST(RoundTrip, RandomErrorTexts) {
  std::mt19937 random(7);
  LetterWriter writer;
  LetterReader reader;
  for (int i = 0; i < 1000; ++i) {
    const std::string message = random_bytes(random);
    const std::string type = random_bytes(random);
    const std::string function = random_bytes(random);
    Failure failed = failure(message);
    failed.error_type = type;
    failed.function = function;
    const OwnedRecord original("k"s, random_bytes(random));
    const QueueOptions queue = all_options()[random() % 12];
    const OutRecord& out = writer.write(original.record(), failed, queue);
    expect_valid_json(out, queue);
    const auto stored = OwnedRecord::of(out);
    const auto letter = reader.read(stored->record());
    ASSERT_TRUE(letter.ok()) << letter.error().text;
    ASSERT_TRUE((*letter)->original == original.record().value);
  }
}

}  // namespace
}  // namespace eddy::host::test
