// SPDX-License-Identifier: Apache-2.0
// A letter that is too large gives up what was added, then becomes a pointer; it always fits and can always be read.
#include "dead_letter/shed.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "dead_letter/text.h"
#include "letters.h"

namespace eddy::host::test {
namespace {

using namespace std::string_literals;

// A fault with a deep stack, and a long message.
struct Large {
  Large() {
    fault = segfault();
    for (int i = 0; i < 20; ++i) fault.frames.push_back(fault.frames.back());
    failed = failure(message);
    failed.fault = &fault;
  }
  std::string message = std::string(3000, 'm') + "\"\n\xFF";
  LetterFault fault;
  Failure failed;
};

std::vector<QueueOptions> limited(std::size_t limit) {
  std::vector<QueueOptions> all = all_options();
  for (QueueOptions& queue : all) queue.max_record_bytes = limit;
  return all;
}

TEST(Shed, FitsAndReadsAtEverySize) {
  LetterWriter writer;
  LetterReader reader;
  const Large large;
  const OwnedRecord record("key"s, "{\"v\":\"" + std::string(2000, 'v') + "\"}", {{"h", std::string(300, 'h')}});
  for (std::size_t limit = 1000; limit < 14'000; limit += 97) {
    for (const QueueOptions& queue : limited(limit)) {
      const OutRecord& out = writer.write(record.record(), large.failed, queue);
      EXPECT_LE(size_of(out), limit);
      const auto stored = OwnedRecord::of(out);
      const auto letter = reader.read(stored->record());
      ASSERT_TRUE(letter.ok()) << limit << ": " << letter.error().text;
      EXPECT_EQ((*letter)->id.size(), 32u);
      EXPECT_EQ((*letter)->digest.size(), 64u);
      EXPECT_EQ((*letter)->origin_stream, "raw_events");
      EXPECT_EQ((*letter)->origin_offset, 123);
      EXPECT_EQ((*letter)->function, "process_event");
      if ((*letter)->truncated) {
        EXPECT_TRUE((*letter)->original.null());
      } else {
        EXPECT_TRUE((*letter)->original == record.record().value);
        EXPECT_EQ(owned((*letter)->headers), record.headers());
      }
    }
  }
}

// What was kept whole at first is never pushed out by what later failures add.
TEST(Shed, HopsNeverLoseAnOriginal) {
  LetterWriter writer;
  LetterReader reader;
  const Large large;
  Failure again = recovery_failure();
  const std::string function(150, 'f');
  again.function = function;
  again.error_message = large.message;
  again.error_type = large.message;
  const OwnedRecord record("key"s, std::string(2000, 'v'), {{"h", "1"}});
  bool some_kept = false;
  for (std::size_t limit = 1500; limit < 7'000; limit += 61) {
    for (const QueueOptions& queue : limited(limit)) {
      auto stored = OwnedRecord::of(writer.write(record.record(), failure("m"), queue));
      if ((*reader.read(stored->record()))->truncated) continue;
      some_kept = true;
      for (int hop = 0; hop < 3; ++hop) {
        const OutRecord& out = writer.write_again(stored->record(), **reader.read(stored->record()), again, queue);
        ASSERT_LE(size_of(out), limit);
        stored = OwnedRecord::of(out);
        const auto letter = reader.read(stored->record());
        ASSERT_TRUE(letter.ok());
        ASSERT_FALSE((*letter)->truncated) << limit;
        ASSERT_TRUE((*letter)->original == record.record().value);
        ASSERT_EQ((*letter)->first_function, "process_event");
      }
    }
  }
  EXPECT_TRUE(some_kept);
}

TEST(Shed, FramesGoFirstThenAddedHeadersThenTheMessage) {
  LetterWriter writer;
  const Large large;
  const OwnedRecord record("key"s, "{}"s);
  QueueOptions queue = options();
  queue.context_headers = true;
  int stage = 0;  // how far the shedding had come at the last, larger, limit
  for (std::size_t limit = 20'000; limit > 1'000; limit -= 50) {
    queue.max_record_bytes = limit;
    const OutRecord& out = writer.write(record.record(), large.failed, queue);
    const auto letter = nlohmann::json::parse(out.value.view());
    const bool frames = letter.contains("fault") && letter["fault"].contains("frames");
    const bool headers = !out.headers.empty();
    const bool message = letter["error_message"].get<std::string>().size() > 3000;
    if (letter.contains("truncated")) break;
    const int now = frames ? 0 : headers ? 1 : message ? 2 : 3;
    EXPECT_EQ(headers, now <= 1);
    EXPECT_EQ(message, now <= 2);
    EXPECT_GE(now, stage);
    EXPECT_LE(now, stage + 1);
    stage = now;
  }
  EXPECT_EQ(stage, 3);
}

TEST(Shed, AHugeOriginalBecomesAPointerWithItsFactsWhole) {
  LetterWriter writer;
  LetterReader reader;
  const OwnedRecord record("key"s, std::string(100'000, 'v'), {{"h", "1"}});
  for (QueueOptions queue : limited(50'000)) {
    const auto stored = OwnedRecord::of(writer.write(record.record(), failure(), queue));
    const auto letter = reader.read(stored->record());
    ASSERT_TRUE(letter.ok());
    EXPECT_TRUE((*letter)->truncated);
    EXPECT_EQ((*letter)->error_message, failure().error_message);
    EXPECT_EQ((*letter)->plugin_sha256, failure().plugin_sha256);
    EXPECT_TRUE((*letter)->key == record.record().key);
    EXPECT_EQ(owned((*letter)->headers), record.headers());
    EXPECT_EQ((*letter)->origin_stream, "raw_events");
    EXPECT_EQ((*letter)->origin_partition, 4u);
    EXPECT_EQ((*letter)->origin_offset, 123);
  }
}

TEST(Shed, AHugeKeyOrHeaderIsLeftAtTheOriginToo) {
  LetterWriter writer;
  LetterReader reader;
  const std::string huge(100'000, 'x');
  const OwnedRecord huge_header("key"s, "{}"s, {{"h", huge}});
  const OwnedRecord huge_key(huge, "{}"s);
  for (QueueOptions queue : limited(5'000)) {
    for (const OwnedRecord* record : {&huge_header, &huge_key}) {
      const OutRecord& out = writer.write(record->record(), failure(), queue);
      EXPECT_LE(size_of(out), 5'000u);
      const auto stored = OwnedRecord::of(out);
      const auto letter = reader.read(stored->record());
      ASSERT_TRUE(letter.ok());
      EXPECT_TRUE((*letter)->truncated);
    }
  }
}

TEST(Shed, APointerStaysOneAndALetterThatBecomesOneSaysWhereItIsWhole) {
  LetterWriter writer;
  LetterReader reader;
  const OwnedRecord record("key"s, std::string(10'000, 'v'));
  for (const auto format : {QueueFormat::kEnvelope, QueueFormat::kRaw}) {
    const auto whole = OwnedRecord::of(writer.write(record.record(), failure(), options(format)));
    QueueOptions smaller = options(format);
    smaller.max_record_bytes = 5'000;
    auto stored = OwnedRecord::of(
        writer.write_again(whole->record(), **reader.read(whole->record()), recovery_failure(), smaller));
    for (int hop = 0; hop < 2; ++hop) {
      const auto letter = reader.read(stored->record());
      ASSERT_TRUE(letter.ok());
      EXPECT_TRUE((*letter)->truncated);
      EXPECT_TRUE((*letter)->original.null());
      EXPECT_EQ((*letter)->previous_stream, "EventDLQ");
      EXPECT_EQ((*letter)->previous_partition, 4u);
      EXPECT_EQ((*letter)->previous_offset, 123);
      EXPECT_EQ((*letter)->first_function, "process_event");
      stored = OwnedRecord::of(writer.write_again(stored->record(), **letter, recovery_failure(), options(format)));
    }
  }
}

TEST(Shed, TextsAreCutBetweenCharacters) {
  EXPECT_EQ(fit_json("abc", 3), "abc");
  EXPECT_EQ(fit_json("abcd", 3), "abc");
  EXPECT_EQ(fit_json("a\"b", 3), "a\"");
  EXPECT_EQ(fit_json("\n\n", 7), "\n");
  EXPECT_EQ(fit_json("a\xC3\xA9z", 4), "a");
  EXPECT_EQ(fit_json("a\xC3\xA9z", 7), "a\xC3\xA9");
  EXPECT_EQ(fit_json("\xF0\x9F\x98\x80", 11), "");
  EXPECT_EQ(fit_json("", 0), "");
}

}  // namespace
}  // namespace eddy::host::test
