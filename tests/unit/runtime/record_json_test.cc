// SPDX-License-Identifier: Apache-2.0
#include "runtime/record_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace eddy::host {
namespace {

using testing::HasSubstr;
using testing::Not;

class RecordJson : public testing::Test {
 protected:
  RecordJson() {
    record.partition = 1;
    record.offset = 7;
    record.key = Bytes("ann@example.com");
    record.value = Bytes(R"({"email": "ann@example.com", "id": 5})");
    record.headers = headers;
  }

  const std::array<Header, 1> headers{Header{"from", "<ann@example.com>"}};
  Record record;
};

TEST_F(RecordJson, TellsTextBytesAndNullApart) {
  EXPECT_EQ(json_of(Bytes()), nullptr);
  EXPECT_EQ(json_of(Bytes("")), "");
  EXPECT_EQ(json_of(Bytes("\xff")).dump(), R"({"base64":"/w=="})");
  EXPECT_EQ(record_json(record)["headers"].dump(), R"([{"name":"from","value":"<ann@example.com>"}])");
}

TEST_F(RecordJson, WhatIsMaskedIsNowhere) {
  const std::string text = masked_record_json(record, Mask({"/email"}), false).dump();
  EXPECT_THAT(text, Not(HasSubstr("ann@")));
  EXPECT_THAT(text, HasSubstr(R"(\"id\": 5)"));
  EXPECT_THAT(text, HasSubstr(R"("offset":7)"));
}

TEST_F(RecordJson, OfALetterThereIsOnlyThePlace) {
  const auto json = masked_record_json(record, Mask({"/email"}), true);
  EXPECT_EQ(json["offset"], 7);
  EXPECT_TRUE(json["key"].is_null());
  EXPECT_TRUE(json["value"].is_null());
  EXPECT_TRUE(json["headers"].empty());
}

}  // namespace
}  // namespace eddy::host
