// SPDX-License-Identifier: Apache-2.0
#include "base/encoding.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

namespace eddy::host {
namespace {

TEST(Base64Test, KnownTexts) {
  const std::pair<const char*, const char*> cases[] = {{"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
                                                       {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"\xFB\xFF", "+/8="}};
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
}

TEST(Base64Test, AnyBytesComeBack) {
  std::mt19937 random(1);
  for (std::size_t size = 0; size < 200; ++size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(random()));
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
  }
}

TEST(Base64Test, AppendsAndRefuses) {
  std::string out = "x";
  append_base64(out, "foo");
  EXPECT_EQ(out, "xZm9v");
  for (const char* bad : {"Zg", "Zg=", "Zm9v!", "Zm9v\n", "Z", "====", "-_8=", "+\2578="}) {
    EXPECT_FALSE(from_base64(bad)) << bad;
  }
}

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonStringTest, EscapesWhatMustBe) {
  EXPECT_EQ(json_string(""), "\"\"");
  EXPECT_EQ(json_string("plain text, long enough"), "\"plain text, long enough\"");
  EXPECT_EQ(json_string({"\0\x1f\x7f\"\\\n/", 7}), "\"\\u0000\\u001f\x7f\\\"\\\\\\n/\"");
  EXPECT_EQ(json_string("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"");
}

TEST(JsonStringTest, BytesThatAreNotUtf8AreReplacedOneByOne) {
  EXPECT_EQ(json_string("a\xFF\xFE"
                        "b"),
            "\"a\xEF\xBF\xBD\xEF\xBF\xBD"
            "b\"");
  EXPECT_EQ(json_string("\xC3"), "\"\xEF\xBF\xBD\"");
  EXPECT_EQ(json_string("\xC3\xA9\xE2\x82\""), "\"\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD\\\"\"");
  EXPECT_EQ(json_string("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");  // half a surrogate pair
}

TEST(JsonStringTest, AnyBytesGiveJsonAndAnyTextComesBack) {
  std::mt19937 random(2);
  for (int i = 0; i < 5'000; ++i) {
    std::string bytes;
    for (std::size_t size = random() % 40; size > 0; --size) {
      bytes.push_back(static_cast<char>(random() % (i % 2 == 0 ? 256 : 128)));
    }
    const auto parsed = nlohmann::json::parse(json_string(bytes));
    if (is_utf8(bytes)) {
      EXPECT_EQ(parsed.get<std::string>(), bytes);
    }
    std::string out = "kept";
    EXPECT_EQ(try_append_json_string(out, bytes), is_utf8(bytes));
    EXPECT_EQ(out, is_utf8(bytes) ? "kept" + json_string(bytes) : "kept");
  }
}

TEST(Utf8Test, KnowsWhatIs) {
  for (const char* good : {"", "a", "\xC3\xA9", "\xEF\xBF\xBD", "\xF4\x8F\xBF\xBF"}) EXPECT_TRUE(is_utf8(good));
  for (const char* bad : {"\x80", "\xC0\xAF", "\xE2\x82", "\xED\xA0\x80", "\xF4\x90\x80\x80"})
    EXPECT_FALSE(is_utf8(bad));
}

TEST(Rfc3339Test, WritesMicrosecondsInUtc) {
  EXPECT_EQ(to_rfc3339(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(to_rfc3339(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(to_rfc3339(951'782'400'000'001), "2000-02-29T00:00:00.000001Z");
  EXPECT_EQ(to_rfc3339(253'402'300'799'999'999), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(to_rfc3339(-62'167'219'200'000'000), "0000-01-01T00:00:00.000000Z");
}

TEST(Rfc3339Test, OutsideItsYearsTheNearestTimeIsWritten) {
  EXPECT_EQ(to_rfc3339(253'402'300'800'000'000), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(to_rfc3339(INT64_MAX), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(to_rfc3339(INT64_MIN), "0000-01-01T00:00:00.000000Z");
}

TEST(Rfc3339Test, ReadsOffsetsFractionsAndLeapSeconds) {
  EXPECT_EQ(from_rfc3339("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(from_rfc3339("1970-01-01t00:00:00z"), 0);
  EXPECT_EQ(from_rfc3339("1970-01-01 00:00:01.5Z"), 1'500'000);
  EXPECT_EQ(from_rfc3339("1970-01-01T00:00:00.1234567899Z"), 123'456);
  EXPECT_EQ(from_rfc3339("1970-01-01T02:30:00+02:30"), 0);
  EXPECT_EQ(from_rfc3339("1969-12-31T22:00:00-02:00"), 0);
  EXPECT_EQ(from_rfc3339("2016-12-31T23:59:60Z"), from_rfc3339("2017-01-01T00:00:00Z"));
  EXPECT_EQ(from_rfc3339("1969-12-31T23:59:59.999999Z"), -1);
}

TEST(Rfc3339Test, RefusesWhatIsNoTime) {
  for (const char* bad : {"",
                          "1970-01-01",
                          "1970-01-01T00:00:00",
                          "1970-01-01T00:00:00.Z",
                          "1970-13-01T00:00:00Z",
                          "1970-00-01T00:00:00Z",
                          "2023-02-29T00:00:00Z",
                          "1970-01-32T00:00:00Z",
                          "1970-01-00T00:00:00Z",
                          "1970-01-01T24:00:00Z",
                          "1970-01-01T00:60:00Z",
                          "1970-01-01T00:00:61Z",
                          "1970-01-01T00:00:00+0200",
                          "1970-01-01T00:00:00+24:00",
                          "1970-01-01T00:00:00+02:60",
                          "1970-01-01T00:00:00ZZ",
                          "1970-01-01T00:00:00Z ",
                          " 1970-01-01T00:00:00Z",
                          "1970-01-01X00:00:00Z",
                          "1970/01/01T00:00:00Z",
                          "-970-01-01T00:00:00Z",
                          "19a0-01-01T00:00:00Z",
                          "1970-01-01T00:00:0:Z",
                          "1970-01-01T00:00:00.5"}) {
    EXPECT_FALSE(from_rfc3339(bad)) << bad;
  }
}

TEST(Rfc3339Test, AnyTimeComesBack) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 20'000; ++i) {
    const auto us = static_cast<std::int64_t>(random() % 315'569'520'000'000'000) - 62'167'219'200'000'000;
    EXPECT_EQ(from_rfc3339(to_rfc3339(us)), us);
  }
}

}  // namespace
}  // namespace eddy::host
