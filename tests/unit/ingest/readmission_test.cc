// SPDX-License-Identifier: Apache-2.0
#include "ingest/readmission.h"

#include <gmock/gmock.h>

#include "ingest_fixture.h"

namespace eddy::host::test {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::Optional;

class ReadmissionTest : public IngestTest {
 protected:
  Readmission again(const std::string& original, std::size_t room = 4096) {
    std::string padded = original;
    padded.append(64, '\0');
    return *readmit(*routes()->at("events"), Bytes(padded.data(), original.size()), 10, room);
  }
  std::string refusal(const std::string& original) { return again(original).refusal; }
};

TEST_F(ReadmissionTest, WhatIsValidNowIsTakenByteForByteWithItsKey) {
  const std::string record = R"({"user": "a", "n":1, "more": [ 1 ]})";
  const Readmission now = again(record);
  EXPECT_EQ(now.refusal, "");
  ASSERT_THAT(now.elements, ElementsAre(Field(&Readmission::Element::value, record)));
  EXPECT_THAT(now.elements[0].key, Optional(std::string("a")));
}

TEST_F(ReadmissionTest, ACorrectedBodyIsTakenElementByElement) {
  EXPECT_THAT(again(R"([{"user":"a","n":1}, {"user":"b","n":2}])").elements,
              ElementsAre(Field(&Readmission::Element::value, R"({"user":"a","n":1})"),
                          Field(&Readmission::Element::value, R"({"user":"b","n":2})")));
}

TEST_F(ReadmissionTest, NothingIsTakenOfWhatIsRefusedInPart) {
  const Readmission now = again(R"([{"user":"a","n":1}, {"user":"b","n":"x"}])");
  EXPECT_EQ(now.refusal, "ValidationError");
  EXPECT_THAT(now.elements, IsEmpty());
}

TEST_F(ReadmissionTest, SaysWhatIsStillWrong) {
  EXPECT_EQ(refusal(R"({"user":"a","n":"x"})"), "ValidationError");
  EXPECT_EQ(refusal(R"({"user":"a","n":-1})"), "Negative") << "the plugin's own check";
  EXPECT_EQ(refusal("hello"), "ParseError");
  EXPECT_EQ(refusal(R"([{"user":"a","n":1},)"), "ParseError");
  EXPECT_EQ(refusal(""), "ParseError");
  EXPECT_EQ(refusal("[]"), "ValidationError");
}

TEST_F(ReadmissionTest, WaitsForACheckThatCannotBeMadeNow) {
  checks_ = false;
  const std::string original = R"({"user":"a","n":1})" + std::string(64, '\0');
  const auto now = readmit(*routes()->at("events"), Bytes(original.data(), original.size() - 64), 10, 4096);
  ASSERT_FALSE(now);
  EXPECT_EQ(now.error().code, Code::kUnavailable);
}

TEST_F(ReadmissionTest, KeyAndHeadersNeedRoomAsWell) {
  const std::string record = R"({"user":"a","n":1})";
  EXPECT_EQ(again(record, record.size() + 11).refusal, "");
  EXPECT_EQ(again(record, record.size() + 10).refusal, "RecordTooLarge");
  EXPECT_EQ(again(record, 5).refusal, "RecordTooLarge");
}

}  // namespace
}  // namespace eddy::host::test
