// SPDX-License-Identifier: Apache-2.0
#include "webhook/notice.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "webhook/signature.h"

namespace eddy::host::webhook {
namespace {

using Json = nlohmann::json;

DeadLetter letter(std::string_view fingerprint) {
  DeadLetter made;
  made.id = "0123";
  made.fingerprint = fingerprint;
  made.error_type = "std::invalid_argument";
  made.error_message = "no \"good\" \xff";
  made.function = "f";
  made.plugin = "p";
  made.plugin_version = "1.2.0";
  made.failed_at_us = 1'700'000'000'000'000;
  return made;
}

TEST(Notice, OfANewGroup) {
  const Notice notice = new_group("Q", letter("abc"), Mask());
  const Json json = Json::parse(to_json(notice, 0));
  EXPECT_EQ(json, Json::parse(R"({"id":")" + notice.id + R"(","event":"new_group","queue":"Q",
      "at":"2023-11-14T22:13:20.000000Z","group":{"fingerprint":"abc","error_type":"std::invalid_argument",
      "error_message":"no \"good\" �","function":"f","plugin":"p","plugin_version":"1.2.0","letter":"0123"}})"));
}

TEST(Notice, DoesNotTellWhatIsHidden) {
  DeadLetter made = letter("abc");
  made.original = Bytes(R"({"user":"anna-1"})");
  made.error_message = "no user anna-1";
  EXPECT_EQ(new_group("Q", made, Mask({"/user"})).error_message, "no user ***");
  made.original = Bytes();
  made.truncated = true;
  EXPECT_EQ(new_group("Q", made, Mask({"/user"})).error_message, "***") << "the original is elsewhere";
}

TEST(Notice, OfARate) {
  const Notice notice = high_rate("Q", 60'000'000, 61'000'000, 30, 2.5);
  const Json json = Json::parse(to_json(notice, 4));
  EXPECT_EQ(json["rate"], Json::parse(R"({"per_minute":30.0,"usual_per_minute":2.5})"));
  EXPECT_EQ(json["left_out"], 4);
  EXPECT_FALSE(json.contains("group"));
}

TEST(Notice, TheSameThingHasTheSameId) {
  EXPECT_EQ(new_group("Q", letter("abc"), Mask()).id, new_group("Q", letter("abc"), Mask()).id);
  EXPECT_NE(new_group("Q", letter("abc"), Mask()).id, new_group("Q", letter("abd"), Mask()).id);
  EXPECT_NE(new_group("Q", letter("abc"), Mask()).id, new_group("R", letter("abc"), Mask()).id);
  EXPECT_EQ(high_rate("Q", 1, 2, 3, 4).id, high_rate("Q", 1, 5, 6, 7).id);
  EXPECT_NE(high_rate("Q", 1, 2, 3, 4).id, high_rate("Q", 2, 2, 3, 4).id);
}

TEST(Signature, IsHmacOverTimeAndBody) {
  // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac 'the secret of the test'
  EXPECT_EQ(signature("the secret of the test", 1'700'000'000, R"({"a":1})"),
            "t=1700000000,v1=12c741b81922a220fd5dc4cf1464b933cb7bed64dab3267775b10c036af6e562");
}

}  // namespace
}  // namespace eddy::host::webhook
