// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/writer.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "letters.h"

namespace eddy::host::test {
namespace {

using namespace std::string_literals;
using Json = nlohmann::ordered_json;

Json parse(const OutRecord& out) { return Json::parse(out.value.view()); }

std::vector<std::string> names(const Json& object) {
  std::vector<std::string> all;
  for (const auto& item : object.items()) all.push_back(item.key());
  return all;
}

TEST(Writer, EnvelopeHasEveryFieldInOrder) {
  LetterWriter writer;
  const OwnedRecord record("u1"s, R"({"user_id":"u1","timestamp":-1})");
  const LetterFault fault = segfault();
  Failure failed = failure();
  failed.fault = &fault;
  const OutRecord& out = writer.write(record.record(), failed, options());
  EXPECT_TRUE(out.value.view().starts_with(R"({"original_record":{"user_id":"u1","timestamp":-1},"error_message":)"));
  const Json letter = parse(out);
  EXPECT_THAT(names(letter), testing::ElementsAre("original_record", "error_message", "error_type", "failed_at",
                                                  "source", "original_encoding", "id", "fingerprint", "function",
                                                  "plugin", "origin", "attempts", "fault", "digest"));
  EXPECT_EQ(letter["error_message"], "Invalid timestamp: cannot be negative");
  EXPECT_EQ(letter["error_type"], "std::invalid_argument");
  EXPECT_EQ(letter["failed_at"], "2025-11-23T20:31:05.000123Z");
  EXPECT_EQ(letter["source"], "transform");
  EXPECT_EQ(letter["original_encoding"], "json");
  EXPECT_EQ(letter["id"].get<std::string>().size(), 32u);
  EXPECT_EQ(letter["fingerprint"].get<std::string>().size(), 16u);
  EXPECT_EQ(letter["function"], "process_event");
  EXPECT_EQ(letter["plugin"].dump(),
            R"({"name":"events","version":"1.2.0","build_id":"0123456789abcdef0123456789abcdef01234567",)"
            R"("sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"})");
  EXPECT_EQ(
      letter["origin"].dump(),
      R"({"stream":"raw_events","partition":4,"offset":123,"timestamp":"2023-11-14T22:13:20.123456Z","key":"dTE="})");
  EXPECT_EQ(letter["attempts"], 1);
  EXPECT_EQ(letter["fault"]["signal"], "SIGSEGV");
  EXPECT_EQ(letter["fault"]["frames"][1].dump(),
            R"j({"function":"parse(char const*)","location":"events.so+0x2f31 (a.cc:41)","in_plugin":true})j");
  EXPECT_EQ(out.key.view(), "u1");
  EXPECT_EQ(out.timestamp_us, failed.failed_at_us);
  EXPECT_FALSE(out.partition.has_value());
  EXPECT_TRUE(out.headers.empty());
  EXPECT_FALSE(writer.parked());
}

TEST(Writer, CamelCase) {
  LetterWriter writer;
  const OwnedRecord record("u1"s, "{}"s);
  const Json letter = parse(writer.write(record.record(), failure(), options(QueueFormat::kEnvelope, Casing::kCamel)));
  EXPECT_THAT(names(letter), testing::ElementsAre("originalRecord", "errorMessage", "errorType", "failedAt", "source",
                                                  "originalEncoding", "id", "fingerprint", "function", "plugin",
                                                  "origin", "attempts", "digest"));
  EXPECT_TRUE(letter["plugin"].contains("buildId"));
}

TEST(Writer, EncodingSaysHowTheOriginalIsStored) {
  LetterWriter writer;
  const std::vector<std::tuple<Text, std::string, std::string>> cases = {
      {Text(), "null", "utf8"},         {"null"s, "null", "json"},       {""s, R"("")", "utf8"},
      {"1e999"s, R"("1e999")", "utf8"}, {" {}"s, R"(" {}")", "utf8"},    {"{}\n"s, R"("{}\n")", "utf8"},
      {"[ 1 ]"s, "[ 1 ]", "json"},      {"\xFF"s, R"("/w==")", "base64"}};
  for (const auto& [value, stored, encoding] : cases) {
    const OwnedRecord record("k"s, value);
    const OutRecord& out = writer.write(record.record(), failure(), options());
    EXPECT_TRUE(out.value.view().starts_with("{\"original_record\":" + stored + ",")) << out.value.view();
    EXPECT_EQ(parse(out)["original_encoding"], encoding);
  }
}

TEST(Writer, ApiLettersNameTheRequest) {
  LetterWriter writer;
  OwnedRecord record(std::nullopt, "{}"s);
  record.record().offset = 7;
  Failure failed = failure();
  failed.source = "api";
  failed.stream = failed.function = "";
  failed.route = "/ingest/raw_events";
  failed.request_id = "req-1";
  const Json letter = parse(writer.write(record.record(), failed, options()));
  EXPECT_EQ(letter["source"], "api");
  EXPECT_EQ(letter["origin"]["route"], "/ingest/raw_events");
  EXPECT_EQ(letter["origin"]["request_id"], "req-1");
  EXPECT_EQ(letter["origin"]["index"], 7);
  EXPECT_FALSE(letter["origin"].contains("stream"));
  record.record().offset = 8;
  EXPECT_NE(letter["id"], parse(writer.write(record.record(), failed, options()))["id"]);
}

// The constant parts are kept between letters: a change of any of them must show.
TEST(Writer, FollowsEveryChangeOfTheFailure) {
  LetterWriter writer;
  const OwnedRecord record("u1"s, "{}"s);
  const auto expect = [&](const Failure& failed) {
    const Json letter = parse(writer.write(record.record(), failed, options()));
    EXPECT_EQ(letter["function"], failed.function);
    EXPECT_EQ(letter["plugin"]["name"], failed.plugin);
    EXPECT_EQ(letter["plugin"]["version"], failed.plugin_version);
    EXPECT_EQ(letter["plugin"]["build_id"], failed.plugin_build_id);
    EXPECT_EQ(letter["plugin"]["sha256"], failed.plugin_sha256);
    EXPECT_EQ(letter["origin"]["stream"], failed.stream);
  };
  for (std::string_view Failure::*member : {&Failure::function, &Failure::plugin, &Failure::plugin_version,
                                            &Failure::plugin_build_id, &Failure::plugin_sha256, &Failure::stream}) {
    Failure failed = failure();
    expect(failed);
    failed.*member = "changed \"quoted\"";
    expect(failed);
  }
}

std::string id(LetterWriter& writer, const OwnedRecord& record, const Failure& failed) {
  return parse(writer.write(record.record(), failed, options()))["id"];
}

TEST(Writer, IdIsTheSameForTheSameFailureOnly) {
  LetterWriter writer;
  OwnedRecord record("u1"s, "{}"s);
  const std::string first = id(writer, record, failure());
  Failure later = failure("another text, at another time");
  later.failed_at_us += 1;
  later.attempts = 5;
  later.plugin_version = "1.2.1";
  LetterWriter other_writer;
  EXPECT_EQ(id(other_writer, record, later), first);
  for (std::string_view Failure::*member : {&Failure::function, &Failure::error_type, &Failure::stream}) {
    Failure other = failure();
    other.*member = "other";
    EXPECT_NE(id(writer, record, other), first);
  }
  const OwnedRecord other_value("u1"s, "[]"s);
  EXPECT_NE(id(writer, other_value, failure()), first);
  record.record().offset += 1;
  EXPECT_NE(id(writer, record, failure()), first);
  record.record().offset -= 1;
  record.record().partition += 1;
  EXPECT_NE(id(writer, record, failure()), first);
}

std::string digest(const OwnedRecord& record) {
  LetterWriter writer;
  return parse(writer.write(record.record(), failure(), options()))["digest"];
}

TEST(Writer, DigestTellsNullFromEmptyAndKeepsHeaderOrder) {
  const std::vector<std::string> digests = {
      digest(OwnedRecord(std::nullopt, std::nullopt)),
      digest(OwnedRecord(""s, std::nullopt)),
      digest(OwnedRecord(std::nullopt, ""s)),
      digest(OwnedRecord(""s, ""s)),
      digest(OwnedRecord("a"s, ""s)),
      digest(OwnedRecord(""s, "a"s)),
      digest(OwnedRecord(""s, ""s, {{"a", "1"}})),
      digest(OwnedRecord(""s, ""s, {{"a", ""}})),
      digest(OwnedRecord(""s, ""s, {{"a", std::nullopt}})),
      digest(OwnedRecord(""s, ""s, {{"a", "1"}, {"b", "2"}})),
      digest(OwnedRecord(""s, ""s, {{"b", "2"}, {"a", "1"}})),
      digest(OwnedRecord(""s, ""s, {{"a", "1"}, {"a", "1"}})),
  };
  for (std::size_t i = 0; i < digests.size(); ++i) {
    for (std::size_t j = i + 1; j < digests.size(); ++j) EXPECT_NE(digests[i], digests[j]) << i << " and " << j;
  }
}

// Anyone can compute it: lengths are four bytes big-endian, null is -1, as in Kafka's protocol.
TEST(Writer, DigestIsAsDocumented) {
  const std::string encoded = "\0\0\0\2u1\0\0\0\2{}\0\0\0\2\0\0\0\1a\0\0\0\0\0\0\0\1b\xFF\xFF\xFF\xFF"s;
  EXPECT_EQ(digest(OwnedRecord("u1"s, "{}"s, {{"a", ""}, {"b", std::nullopt}})), to_hex(sha256(encoded)));
  const std::string large(100'000, 'x');
  EXPECT_EQ(digest(OwnedRecord(std::nullopt, large)),
            to_hex(sha256("\xFF\xFF\xFF\xFF\x00\x01\x86\xA0"s + large + "\0\0\0\0"s)));
}

TEST(Writer, IdIsAsDocumented) {
  LetterWriter writer;
  const OwnedRecord record("u1"s, "{}"s);
  const std::string of_record = digest(record);
  const std::string encoded = "\0\0\0\6stream\0\0\0\12raw_events\0\0\0\4\0\0\0\0\0\0\0\x7B\0\0\0\15process_event"s +
                              "\0\0\0\25std::invalid_argument"s + "\0\0\0\x40"s + of_record;
  EXPECT_EQ(id(writer, record, failure()), to_hex(sha256(encoded)).substr(0, 32));
}

TEST(Writer, AFailureOnTheWayBackReplacesTheErrorAndKeepsTheOrigin) {
  LetterWriter writer;
  LetterReader reader;
  const OwnedRecord record("u1"s, "{}"s, {{"h", "1"}});
  Failure failed = failure();
  failed.attempts = 3;
  const auto first = OwnedRecord::of(writer.write(record.record(), failed, options()));
  const Json before = Json::parse(first->value());
  auto stored = OwnedRecord::of(
      writer.write_again(first->record(), **reader.read(first->record()), recovery_failure(), options()));
  EXPECT_FALSE(writer.parked());
  Json after = Json::parse(stored->value());
  for (const char* kept : {"original_record", "original_encoding", "id", "digest", "origin"}) {
    EXPECT_EQ(after[kept], before[kept]) << kept;
  }
  EXPECT_EQ(after["error_message"], "still negative");
  EXPECT_EQ(after["error_type"], "std::domain_error");
  EXPECT_EQ(after["function"], "recover_event");
  EXPECT_EQ(after["failed_at"], "2025-11-23T20:31:06.000000Z");
  EXPECT_NE(after["fingerprint"], before["fingerprint"]);
  EXPECT_EQ(after["attempts"], 4);
  EXPECT_EQ(after["hops"], 1);
  EXPECT_EQ(after["returned_by"], "recover_event");
  const std::string first_failure =
      R"({"function":"process_event","error_type":"std::invalid_argument",)"
      R"("error_message":"Invalid timestamp: cannot be negative","failed_at":"2025-11-23T20:31:05.000123Z"})";
  EXPECT_EQ(after["first_failure"].dump(), first_failure);

  for (int hop = 2; hop <= 4; ++hop) {
    stored = OwnedRecord::of(
        writer.write_again(stored->record(), **reader.read(stored->record()), recovery_failure(), options()));
    after = Json::parse(stored->value());
    EXPECT_EQ(after["hops"], hop);
    EXPECT_EQ(after["attempts"], 3 + hop);
    EXPECT_EQ(after["first_failure"].dump(), first_failure);
    EXPECT_EQ(after["id"], before["id"]);
    EXPECT_EQ(writer.parked(), hop >= 3);
  }
  static_cast<void>(writer.write(record.record(), failed, options()));
  EXPECT_FALSE(writer.parked());
}

TEST(Writer, MaxHopsZeroParksAtOnce) {
  LetterWriter writer;
  LetterReader reader;
  QueueOptions queue = options();
  queue.max_hops = 0;
  const OwnedRecord record("u1"s, "{}"s);
  const auto stored = OwnedRecord::of(writer.write(record.record(), failure(), queue));
  static_cast<void>(writer.write_again(stored->record(), **reader.read(stored->record()), recovery_failure(), queue));
  EXPECT_TRUE(writer.parked());
}

}  // namespace
}  // namespace eddy::host::test
