// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/reader.h"

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "letters.h"

namespace eddy::host::test {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

DeadLetter read(LetterReader& reader, const OwnedRecord& record) {
  const auto letter = reader.read(record.record());
  EXPECT_TRUE(letter.ok()) << letter.error().text;
  return letter.ok() ? **letter : DeadLetter();
}

std::string error(const OwnedRecord& record) {
  LetterReader reader;
  const auto letter = reader.read(record.record());
  EXPECT_FALSE(letter.ok());
  if (letter.ok()) return {};
  EXPECT_EQ(letter.error().code, Code::kBadData);
  return letter.error().text;
}

TEST(Reader, GivesBackAllThatWasWritten) {
  LetterWriter writer;
  LetterReader reader;
  const OwnedRecord record("u1"s, "{}"s, {{"h", "1"}});
  Failure failed = failure("a \"message\"\nof \xC3\xA9");
  failed.attempts = 2;
  for (const QueueOptions& queue : all_options()) {
    const auto stored = OwnedRecord::of(writer.write(record.record(), failed, queue));
    const DeadLetter letter = read(reader, *stored);
    EXPECT_EQ(letter.error_message, failed.error_message);
    EXPECT_EQ(letter.error_type, failed.error_type);
    EXPECT_EQ(letter.source, "transform");
    EXPECT_EQ(letter.function, failed.function);
    EXPECT_EQ(letter.first_function, failed.function);
    EXPECT_EQ(letter.returned_by, "");
    EXPECT_EQ(letter.plugin, failed.plugin);
    EXPECT_EQ(letter.plugin_version, failed.plugin_version);
    EXPECT_EQ(letter.plugin_build_id, failed.plugin_build_id);
    EXPECT_EQ(letter.plugin_sha256, failed.plugin_sha256);
    EXPECT_EQ(letter.failed_at_us, failed.failed_at_us);
    EXPECT_EQ(letter.origin_stream, "raw_events");
    EXPECT_EQ(letter.origin_partition, 4u);
    EXPECT_EQ(letter.origin_offset, 123);
    EXPECT_EQ(letter.origin_timestamp_us, record.record().timestamp_us);
    EXPECT_EQ(letter.attempts, 2u);
    EXPECT_EQ(letter.hops, 0u);
    EXPECT_EQ(letter.fault_json, "");
    EXPECT_FALSE(letter.truncated);
    const auto again = OwnedRecord::of(writer.write_again(stored->record(), letter, recovery_failure(), queue));
    const DeadLetter hopped = read(reader, *again);
    EXPECT_EQ(hopped.returned_by, "recover_event");
    EXPECT_EQ(hopped.function, "recover_event");
    EXPECT_EQ(hopped.first_function, "process_event");
    EXPECT_EQ(hopped.first_error_type, failed.error_type);
    EXPECT_EQ(hopped.first_error_message, failed.error_message);
    EXPECT_EQ(hopped.first_failed_at_us, failed.failed_at_us);
    EXPECT_EQ(hopped.attempts, 3u);
    EXPECT_EQ(hopped.hops, 1u);
  }
}

TEST(Reader, ApiLetters) {
  LetterWriter writer;
  LetterReader reader;
  OwnedRecord record(std::nullopt, "not json"s);
  record.record().offset = 7;
  Failure failed = failure();
  failed.source = "api";
  failed.stream = "";
  failed.route = "/ingest/raw_events";
  failed.request_id = "req-\"1\"";
  for (const QueueOptions& queue : all_options()) {
    auto stored = OwnedRecord::of(writer.write(record.record(), failed, queue));
    const std::string id(read(reader, *stored).id);
    for (int hop = 0; hop < 2; ++hop) {
      const DeadLetter letter = read(reader, *stored);
      EXPECT_EQ(letter.id, id);
      EXPECT_EQ(letter.source, hop == 0 ? "api" : "transform");
      EXPECT_EQ(letter.route, "/ingest/raw_events");
      EXPECT_EQ(letter.request_id, "req-\"1\"");
      EXPECT_EQ(letter.origin_index, 7);
      EXPECT_EQ(letter.origin_offset, -1);
      EXPECT_EQ(letter.origin_stream, "");
      stored = OwnedRecord::of(writer.write_again(stored->record(), letter, recovery_failure(), queue));
    }
  }
}

TEST(Reader, MooseLettersOfTypeScriptAndHttp) {
  LetterReader reader;
  const OwnedRecord record(
      "k"s, R"({"originalRecord":{"userId":"u1","n":1.10},"errorMessage":"boom","errorType":"TypeError",)"
            R"("failedAt":"2025-01-02T03:04:05.678Z","source":"api"})"s);
  const DeadLetter letter = read(reader, record);
  EXPECT_EQ(letter.original.view(), R"({"userId":"u1","n":1.10})");
  EXPECT_EQ(letter.error_message, "boom");
  EXPECT_EQ(letter.error_type, "TypeError");
  EXPECT_EQ(letter.source, "api");
  EXPECT_EQ(to_rfc3339(letter.failed_at_us), "2025-01-02T03:04:05.678000Z");
  EXPECT_EQ(letter.attempts, 1u);
  EXPECT_EQ(letter.hops, 0u);
  EXPECT_EQ(letter.id.size(), 32u);
  EXPECT_EQ(letter.fingerprint.size(), 16u);
  EXPECT_EQ(letter.digest.size(), 64u);
  EXPECT_EQ(letter.origin_offset, -1);
}

TEST(Reader, MooseLettersOfPythonAndEveryDateOfTheirs) {
  LetterReader reader;
  const std::vector<std::pair<std::string, std::string>> dates = {
      {R"("2025-01-02T03:04:05.678901")", "2025-01-02T03:04:05.678901Z"},
      {R"("2025-01-02 03:04:05")", "2025-01-02T03:04:05.000000Z"},
      {R"("2025-01-02T03:04:05+00:00")", "2025-01-02T03:04:05.000000Z"},
      {R"("2025-01-02t05:04:05.1+02:00")", "2025-01-02T03:04:05.100000Z"},
      {R"("2025-01-02T03:04:05.123456789Z")", "2025-01-02T03:04:05.123456Z"},
      {"1735787045", "2025-01-02T03:04:05.000000Z"},
      {"1735787045678", "2025-01-02T03:04:05.678000Z"},
      {"\"yesterday\"", "1970-01-01T00:00:00.000000Z"},
      {"null", "1970-01-01T00:00:00.000000Z"},
  };
  for (const auto& [written, expected] : dates) {
    const OwnedRecord record("k"s, R"({ "failed_at" : )" + written +
                                       R"( , "source" : "transform", "error_type":"ValueError", )"
                                       R"("error_message" : "boom" , "original_record" : [1, 2 ]  })");
    const DeadLetter letter = read(reader, record);
    EXPECT_EQ(letter.original.view(), "[1, 2 ]");
    EXPECT_EQ(letter.error_type, "ValueError");
    EXPECT_EQ(to_rfc3339(letter.failed_at_us), expected) << written;
  }
}

TEST(Reader, ForeignLettersFailAgainAsOursDo) {
  LetterReader reader;
  LetterWriter writer;
  const OwnedRecord record("k"s, R"({"errorMessage":"boom","originalRecord": "text" ,"errorType":"E","x":{"y":[1]}})",
                           {{"h", "1"}});
  const std::string id(read(reader, record).id);
  const auto stored =
      OwnedRecord::of(writer.write_again(record.record(), read(reader, record), recovery_failure(), options()));
  const DeadLetter letter = read(reader, *stored);
  EXPECT_EQ(letter.original.view(), "\"text\"");
  EXPECT_EQ(letter.id, id);
  EXPECT_EQ(letter.hops, 1u);
  EXPECT_EQ(letter.first_error_message, "boom");
}

TEST(Reader, TheIdOfAForeignLetterIsItsPlaceInTheQueue) {
  LetterReader reader;
  OwnedRecord record("k"s, R"({"errorMessage":"boom","originalRecord":{}})");
  const std::string id(read(reader, record).id);
  EXPECT_EQ(read(reader, record).id, id);
  record.record().offset += 1;
  EXPECT_NE(read(reader, record).id, id);
}

TEST(Reader, KeysInAnyOrder) {
  LetterReader reader;
  const OwnedRecord record(
      "k"s, R"({"original_encoding":"base64","origin":{"offset":9,"key":null,"stream":"s"},"hops":2,"returned_by":"r",)"
            R"("first_failure":{"failed_at":"2025-01-02T03:04:05Z","function":"f"},"original_record":"AAE=",)"
            R"("error_message":"m"})");
  const DeadLetter letter = read(reader, record);
  EXPECT_EQ(letter.original.view(), "\0\1"s);
  EXPECT_EQ(letter.origin_stream, "s");
  EXPECT_EQ(letter.origin_offset, 9);
  EXPECT_EQ(letter.returned_by, "r");
  EXPECT_EQ(letter.first_function, "f");
}

TEST(Reader, LoneSurrogatesOfJavaScriptAreNoReasonToRefuse) {
  LetterReader reader;
  const OwnedRecord record("k"s, R"({"originalRecord":"\ud800","errorMessage":"half \ud83d"})");
  const DeadLetter letter = read(reader, record);
  EXPECT_EQ(letter.original.view(), R"("\ud800")");
  EXPECT_EQ(letter.error_message, R"(half \ud83d)");
}

TEST(Reader, FieldsOfTheWrongTypeGetDefaults) {
  LetterReader reader;
  const OwnedRecord record("k"s, R"({"original_record":{},"error_message":{"a":1},"attempts":"many","hops":-1,)"
                                 R"("origin":7,"plugin":[1,{"name":"x"}],"first_failure":null,"function":null})");
  const DeadLetter letter = read(reader, record);
  EXPECT_EQ(letter.error_message, R"({"a":1})");
  EXPECT_EQ(letter.attempts, 1u);
  EXPECT_EQ(letter.hops, 0u);
  EXPECT_EQ(letter.origin_offset, -1);
  EXPECT_EQ(letter.plugin, "");
  EXPECT_EQ(letter.function, "");
}

TEST(Reader, SaysWhyARecordIsNoLetter) {
  EXPECT_THAT(error(OwnedRecord("k"s, std::nullopt)), HasSubstr("its value is null"));
  EXPECT_THAT(error(OwnedRecord("k"s, ""s)), HasSubstr("expected a JSON object"));
  EXPECT_THAT(error(OwnedRecord("k"s, "[]"s)), HasSubstr("expected a JSON object"));
  EXPECT_THAT(error(OwnedRecord("k"s, "text"s)), HasSubstr("expected a JSON object"));
  EXPECT_THAT(error(OwnedRecord("k"s, "{}"s)), HasSubstr("original_record is missing"));
  EXPECT_THAT(error(OwnedRecord("k"s, R"({"original_record":1})")), HasSubstr("error_message is missing"));
  EXPECT_THAT(error(OwnedRecord("k"s, R"({"original_record":1,"error_message":"m")")), HasSubstr("found:"));
  EXPECT_THAT(error(OwnedRecord("k"s, R"({"original_record":1,"error_message":"m","original_encoding":"rot13"})")),
              HasSubstr("original_encoding \"rot13\""));
  EXPECT_THAT(error(OwnedRecord("k"s, R"({"original_record":"?","error_message":"m","original_encoding":"base64"})")),
              HasSubstr("original_encoding \"base64\""));
  EXPECT_THAT(error(OwnedRecord("k"s, R"({"original_record":{},"error_message":"m","original_encoding":"utf8"})")),
              HasSubstr("original_encoding \"utf8\""));
}

TEST(Reader, ReadsOnAfterARecordThatIsNoLetter) {
  LetterReader reader;
  EXPECT_FALSE(reader.read(OwnedRecord("k"s, "{\"original_record\":"s).record()).ok());
  const OwnedRecord record("k"s, R"({"originalRecord":{},"errorMessage":"boom"})");
  EXPECT_EQ(read(reader, record).error_message, "boom");
}

}  // namespace
}  // namespace eddy::host::test
