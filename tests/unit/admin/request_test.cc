// SPDX-License-Identifier: Apache-2.0
#include "admin/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace eddy::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

ApiRequest asked(std::string_view target) { return {.query = *parse_query(target)}; }

TEST(Query, KeysMayRepeatAndAreDecoded) {
  const auto query = parse_query("/letters?match=%2Fa%3D1&match=/b=2+3&state=&bare&=x#end?no=1");
  ASSERT_TRUE(query);
  EXPECT_THAT(*query, ElementsAre(Pair("match", "/a=1"), Pair("match", "/b=2 3"), Pair("state", ""), Pair("bare", ""),
                                  Pair("", "x")));
  EXPECT_THAT(*parse_query("/letters"), testing::IsEmpty());
  EXPECT_THAT(*parse_query("/letters?&&"), testing::IsEmpty());
}

TEST(Query, ABrokenEncodingIsNone) {
  for (const char* target : {"/?a=%", "/?a=%2", "/?a=%zz", "/?a%0=1", "/?a=%00"}) {
    EXPECT_FALSE(parse_query(target)) << target;
  }
}

TEST(Query, TheLastOfAKeyCounts) {
  const ApiRequest request = asked("/?limit=1&limit=20");
  EXPECT_EQ(request.first("limit"), "20");
  EXPECT_EQ(request.first("after"), std::nullopt);
  EXPECT_THAT(request.all("limit"), ElementsAre("1", "20"));
}

TEST(Query, NumbersHaveALimit) {
  EXPECT_EQ(*asked("/").integer("limit", 100, 1, 1000), 100);
  EXPECT_EQ(*asked("/?limit=7").integer("limit", 100, 1, 1000), 7);
  for (const char* target : {"/?limit=0", "/?limit=1001", "/?limit=", "/?limit=7x", "/?limit=99999999999999999999"}) {
    const auto number = asked(target).integer("limit", 100, 1, 1000);
    ASSERT_FALSE(number) << target;
    EXPECT_THAT(number.error().text, HasSubstr("limit: expected a number from 1 to 1000, found"));
  }
}

TEST(Query, FlagsAreTrueOrFalse) {
  EXPECT_FALSE(*asked("/").flag("reveal"));
  EXPECT_FALSE(*asked("/?reveal=false").flag("reveal"));
  EXPECT_TRUE(*asked("/?reveal=true").flag("reveal"));
  EXPECT_TRUE(*asked("/?reveal").flag("reveal"));
  const auto wrong = asked("/?reveal=yes").flag("reveal");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().text, "reveal: expected true or false, found \"yes\"");
}

TEST(Body, IsAJsonObject) {
  EXPECT_EQ((*ApiRequest{.body = R"({"a": [1]})"}.json())["a"][0], 1);
  EXPECT_TRUE(ApiRequest{.body = " \n"}.json()->empty());
  const auto array = ApiRequest{.body = "[1]"}.json();
  ASSERT_FALSE(array);
  EXPECT_EQ(array.error().text, "the body: expected a JSON object, found array");
  const auto broken = ApiRequest{.body = R"({"a": })"}.json();
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().text, HasSubstr("at byte 7"));
}

TEST(Body, IsNeitherTooDeepNorTooWide) {
  const auto nested = [](std::size_t levels) {
    return ApiRequest{.body = "{\"a\":" + std::string(levels, '[') + std::string(levels, ']') + "}"}.json();
  };
  EXPECT_TRUE(nested(63));
  EXPECT_EQ(nested(64).error().text, "the body: expected at most 64 levels, found more at byte 68");
  EXPECT_FALSE(nested(500'000));
  const auto wide = [](int members) {
    std::string text = "{\"a\": [\"{:\\\"[\", {}]";
    for (int i = 1; i < members; ++i) text += ",\"m" + std::to_string(i) + "\":{\"b\":0}";
    return ApiRequest{.body = text + "}"}.json();
  };
  EXPECT_TRUE(wide(1000)) << wide(1000).error().text;
  EXPECT_EQ(wide(1001).error().code, Code::kUsage);
  EXPECT_EQ(ApiRequest{.body = R"({"a": "unfinished\)"}.json().error().code, Code::kUsage);
}

TEST(Body, ANumberThatIsTooLargeIsAnError) {
  const auto large = ApiRequest{.body = R"({"to": 1e999})"}.json();
  ASSERT_FALSE(large);
  EXPECT_THAT(large.error().text, HasSubstr("1e999"));
}

TEST(Path, HasNoQueryAndNoHost) {
  EXPECT_EQ(path_of("/a/b?c=/d#e"), "/a/b");
  EXPECT_EQ(path_of("http://localhost:5001/a?x"), "/a");
  EXPECT_EQ(path_of("http://localhost:5001"), "/");
  EXPECT_EQ(path_of("/a?to=http://x/"), "/a");
}

}  // namespace
}  // namespace eddy::host
