// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "letters.h"

namespace eddy::host::test {
namespace {

using namespace std::string_literals;

std::vector<std::string> names(const OutRecord& out) {
  std::vector<std::string> all;
  for (const Header& header : out.headers) all.emplace_back(header.name.view());
  return all;
}

TEST(Headers, ContextFollowsTheOriginals) {
  LetterWriter writer;
  QueueOptions queue = options();
  queue.context_headers = true;
  const OwnedRecord record("u1"s, "{}"s, {{"trace", "1"}, {"trace", std::nullopt}});
  const OutRecord& out = writer.write(record.record(), failure(), queue);
  EXPECT_THAT(names(out),
              testing::ElementsAre("trace", "trace", "__eddy.errors.topic", "__eddy.errors.partition",
                                   "__eddy.errors.offset", "__eddy.errors.stage", "__eddy.errors.exception.class.name",
                                   "__eddy.errors.exception.message", "__eddy.errors.function", "__eddy.errors.plugin",
                                   "__eddy.errors.attempts", "__eddy.errors.fingerprint", "__eddy.errors.id",
                                   "__eddy.errors.count"));
  EXPECT_TRUE(out.headers[1].value.null());
  EXPECT_EQ(header(out, "__eddy.errors.topic"), "raw_events");
  EXPECT_EQ(header(out, "__eddy.errors.partition"), "4");
  EXPECT_EQ(header(out, "__eddy.errors.offset"), "123");
  EXPECT_EQ(header(out, "__eddy.errors.stage"), "transform");
  EXPECT_EQ(header(out, "__eddy.errors.exception.class.name"), "std::invalid_argument");
  EXPECT_EQ(header(out, "__eddy.errors.exception.message"), "Invalid timestamp: cannot be negative");
  EXPECT_EQ(header(out, "__eddy.errors.function"), "process_event");
  EXPECT_EQ(header(out, "__eddy.errors.plugin"), "events");
  EXPECT_EQ(header(out, "__eddy.errors.attempts"), "1");
  EXPECT_EQ(header(out, "__eddy.errors.count"), "12");
}

TEST(Headers, RawKeepsTheValueAndSaysAllInHeaders) {
  LetterWriter writer;
  LetterReader reader;
  const LetterFault fault = segfault();
  Failure failed = failure();
  failed.fault = &fault;
  const OwnedRecord record("u1"s, "\x01\x02"s);
  const auto stored = OwnedRecord::of(writer.write(record.record(), failed, options(QueueFormat::kRaw)));
  EXPECT_EQ(stored->value(), "\x01\x02");
  const auto letter = reader.read(stored->record());
  ASSERT_TRUE(letter.ok()) << letter.error().text;
  EXPECT_EQ((*letter)->error_message, failed.error_message);
  EXPECT_EQ((*letter)->failed_at_us, failed.failed_at_us);
  EXPECT_EQ((*letter)->plugin_version, failed.plugin_version);
  EXPECT_EQ((*letter)->plugin_build_id, failed.plugin_build_id);
  EXPECT_EQ((*letter)->plugin_sha256, failed.plugin_sha256);
  EXPECT_EQ((*letter)->origin_timestamp_us, record.record().timestamp_us);
  EXPECT_EQ((*letter)->digest.size(), 64u);
  EXPECT_EQ((*letter)->fault_json,
            R"j({"signal":"SIGSEGV","code":1,"address":"events.so+0x2f31","frames":[)j"
            R"j({"function":"memcpy","location":"libc.so.6+0x1000","in_plugin":false},)j"
            R"j({"function":"parse(char const*)","location":"events.so+0x2f31 (a.cc:41)","in_plugin":true}]})j");
}

TEST(Headers, ASecondFailureReplacesThem) {
  LetterWriter writer;
  LetterReader reader;
  for (const QueueOptions& queue : all_options()) {
    const OwnedRecord record("u1"s, "{}"s, {{"trace", "1"}});
    auto stored = OwnedRecord::of(writer.write(record.record(), failure(), queue));
    std::size_t after_first_hop = 0;
    for (int hop = 1; hop <= 3; ++hop) {
      const OutRecord& out =
          writer.write_again(stored->record(), **reader.read(stored->record()), recovery_failure(), queue);
      if (hop == 1) after_first_hop = out.headers.size();
      EXPECT_EQ(out.headers.size(), after_first_hop);
      if (queue.format == QueueFormat::kRaw) {
        EXPECT_EQ(header(out, "__eddy.errors.exception.message"), "still negative");
        EXPECT_EQ(header(out, "__eddy.errors.topic"), "raw_events");
        EXPECT_EQ(header(out, "__eddy.errors.returned_by"), "recover_event");
      }
      stored = OwnedRecord::of(out);
    }
  }
}

TEST(Headers, ThoseThatAToolAppendsBehindOursAreKept) {
  LetterWriter writer;
  LetterReader reader;
  const OwnedRecord record("u1"s, "{}"s, {{"a", "1"}});
  const auto stored = OwnedRecord::of(writer.write(record.record(), failure(), options(QueueFormat::kRaw)));
  OwnedRecord::Headers with_more = stored->headers();
  with_more.emplace_back("mirrored-by", "mm2");
  const OwnedRecord mirrored("u1"s, "{}"s, with_more);
  const auto letter = reader.read(mirrored.record());
  ASSERT_TRUE(letter.ok());
  EXPECT_EQ((*letter)->function, "process_event");
  EXPECT_THAT(owned((*letter)->headers), testing::ElementsAre(std::pair<std::string, Text>("a", "1"),
                                                              std::pair<std::string, Text>("mirrored-by", "mm2")));
}

TEST(Headers, ErrorTextsAreUtf8) {
  LetterWriter writer;
  const OwnedRecord record("u1"s, "{}"s);
  const OutRecord& out = writer.write(record.record(), failure("bad \xFF byte"), options(QueueFormat::kRaw));
  EXPECT_EQ(header(out, "__eddy.errors.exception.message"), "bad \xEF\xBF\xBD byte");
}

TEST(Headers, KafkaConnect) {
  LetterWriter writer;
  QueueOptions queue = options();
  queue.header_compat = HeaderCompat::kConnect;
  const LetterFault fault = segfault();
  Failure failed = failure();
  failed.fault = &fault;
  const OwnedRecord record("u1"s, "{}"s);
  const OutRecord& out = writer.write(record.record(), failed, queue);
  EXPECT_EQ(header(out, "__connect.errors.topic"), "raw_events");
  EXPECT_EQ(header(out, "__connect.errors.partition"), "4");
  EXPECT_EQ(header(out, "__connect.errors.offset"), "123");
  EXPECT_EQ(header(out, "__connect.errors.connector.name"), "process_event");
  EXPECT_EQ(header(out, "__connect.errors.stage"), "TRANSFORMATION");
  EXPECT_EQ(header(out, "__connect.errors.exception.class.name"), "std::invalid_argument");
  EXPECT_EQ(header(out, "__connect.errors.exception.message"), "Invalid timestamp: cannot be negative");
  EXPECT_EQ(header(out, "__connect.errors.exception.stacktrace"),
            "std::invalid_argument: Invalid timestamp: cannot be negative\n\tat memcpy(libc.so.6+0x1000)\n\tat "
            "parse(char const*)(events.so+0x2f31 (a.cc:41))");
  EXPECT_EQ(header(out, "__eddy.errors.topic"), Text());
}

TEST(Headers, SpringNumbersAreBigEndian) {
  LetterWriter writer;
  QueueOptions queue = options();
  queue.header_compat = HeaderCompat::kSpring;
  OwnedRecord record("u1"s, "{}"s);
  record.record().partition = 0x01020304;
  record.record().offset = 0x0102030405060708;
  record.record().timestamp_us = 1'700'000'000'123'456;
  const OutRecord& out = writer.write(record.record(), failure(), queue);
  EXPECT_EQ(header(out, "kafka_dlt-original-topic"), "raw_events");
  EXPECT_EQ(header(out, "kafka_dlt-original-partition"), "\1\2\3\4"s);
  EXPECT_EQ(header(out, "kafka_dlt-original-offset"), "\1\2\3\4\5\6\7\x08"s);
  EXPECT_EQ(header(out, "kafka_dlt-original-timestamp"), "\0\0\x01\x8B\xCF\xE5\x68\x7B"s);
  EXPECT_EQ(header(out, "kafka_dlt-original-timestamp-type"), "CreateTime");
  EXPECT_EQ(header(out, "kafka_dlt-exception-fqcn"), "std::invalid_argument");
  EXPECT_EQ(header(out, "kafka_dlt-exception-message"), "Invalid timestamp: cannot be negative");
  EXPECT_EQ(header(out, "kafka_dlt-exception-stacktrace"),
            "std::invalid_argument: Invalid timestamp: cannot be negative");
}

}  // namespace
}  // namespace eddy::host::test
