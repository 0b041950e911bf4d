// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/mask.h"

#include <gtest/gtest.h>

#include "dead_letter/json_spans.h"
#include "dead_letter/letter.h"

namespace eddy::host {
namespace {

using namespace std::string_literals;

std::string masked(std::vector<std::string> pointers, std::string_view text) {
  return Mask(pointers).original(Bytes(text));
}

TEST(Mask, HidesWhatAPointerNamesAndKeepsEveryOtherByte) {
  EXPECT_EQ(masked({"/card"}, R"({ "card" : "4111 1111" ,"b":1.50 })"), R"({ "card" : "***" ,"b":1.50 })");
  EXPECT_EQ(masked({"/card"}, R"({"card":{"number":[1,"}"]},"b":"]"})"), R"({"card":"***","b":"]"})");
  EXPECT_EQ(masked({"/a/1", "/b"}, R"({"a":[ 10, 20 ,30],"b":null})"), R"({"a":[ 10, "***" ,30],"b":"***"})");
  EXPECT_EQ(masked({"/a"}, R"({"b":{"a":1}})"), R"({"b":{"a":1}})") << "a pointer begins at the top";
  EXPECT_EQ(masked({"/a/b"}, R"({"a":7})"), R"({"a":7})");
  EXPECT_EQ(masked({""}, R"( {"a":7} )"), R"( "***" )");
  EXPECT_EQ(masked({"/a", "/a/b"}, R"({"a":{"b":1}})"), R"({"a":"***"})");
  EXPECT_EQ(masked({"/a"}, "{}"), "{}");
  EXPECT_EQ(masked({"/a"}, "[]"), "[]");
  EXPECT_EQ(masked({}, "plain"), "plain");
}

TEST(Mask, HidesEveryMemberThatAReaderMightTake) {
  EXPECT_EQ(masked({"/a"}, R"({"a":1,"a":2})"), R"({"a":"***","a":"***"})");
  EXPECT_EQ(masked({"/card"}, R"({"c\u0061rd":1})"), R"({"c\u0061rd":"***"})");
  EXPECT_EQ(masked({"/x~1y~0z"}, R"({"x/y~z":1})"), R"({"x/y~z":"***"})");
  EXPECT_EQ(masked({"/*/card"}, R"([{"card":1},{"card":2,"b":3}])"), R"([{"card":"***"},{"card":"***","b":3}])");
  EXPECT_EQ(masked({"/a"}, R"({"q\"\\":"\"a\":1","a":"\\"})"), R"({"q\"\\":"\"a\":1","a":"***"})");
}

TEST(Mask, HidesWhatIsNoJsonAsAWhole) {
  for (const std::string& text :
       {"card=4111"s, R"({"card":1)"s, ""s, "\xff"s, R"({"card":1} x)"s, std::string(600, '[')}) {
    EXPECT_EQ(masked({"/card"}, text), "***") << text;
  }
  EXPECT_EQ(Mask({"/card"}).original(Bytes()), "");
}

TEST(Mask, HidesAValueWhereATextRepeatsIt) {
  const Mask mask({"/card", "/pin"});
  const Bytes original(R"({"card":"4111-1111","pin":7,"user":"u1"})");
  EXPECT_EQ(mask.text("no account of 4111-1111, pin 7, line 17", original), "no account of ***, pin ***, line 17");
  EXPECT_EQ(mask.text("u1 is unknown", original), "u1 is unknown");
  EXPECT_EQ(mask.text("a\"b is no card", Bytes(R"({"card":"a\"b"})")), "*** is no card") << "unescaped";
  EXPECT_EQ(mask.text(R"(a\"b is no card)", Bytes(R"({"card":"a\"b"})")), "*** is no card") << "as it stands";
  EXPECT_EQ(mask.text("bad 123456", Bytes(R"({"card":{"n":[123456]}})")), "bad ***");
  EXPECT_EQ(mask.text("true", Bytes(R"({"card":true})")), "true") << "says nothing";
}

TEST(Mask, HidesStretchesOfAnOriginalThatIsNoJson) {
  const Mask mask({"/card"});
  EXPECT_EQ(mask.text("expected a value, found card=4111-1111", Bytes("card=4111-1111;x")),
            "expected a value, found ***");
  EXPECT_EQ(mask.text("expected a value", Bytes("pins")), "expected a value");
  EXPECT_EQ(mask.text("any", Bytes(std::string((1 << 20) + 1, 'x'))), "***") << "too long to be searched";
  EXPECT_EQ(Mask().text("card=4111-1111", Bytes("card=4111-1111")), "card=4111-1111");
}

TEST(Mask, HidesInOutputsWhatTheRecordTheyWereMadeOfHides) {
  const Mask mask({"/card"});
  const Bytes original(R"({"card":"4111-1111"})");
  EXPECT_EQ(mask.output(R"({"text":"paid by 4111-1111","card":1})", original),
            R"({"text":"paid by ***","card":"***"})");
  EXPECT_EQ(mask.output("4111-1111 paid", original), "*** paid");
}

TEST(Mask, HidesATextWholeOfWhichNobodyKnowsWhatItRepeats) {
  const Mask mask({"/card"});
  DeadLetter letter;
  letter.original = Bytes(R"({"card":"4111-1111"})");
  EXPECT_EQ(mask.text_of(letter, "no 4111-1111"), "no ***");
  letter.edited_from_id = "0123";
  EXPECT_EQ(mask.text_of(letter, "no 4000-0000"), "***") << "it is about the original before the correction";
  EXPECT_EQ(Mask().text_of(letter, "no 4000-0000"), "no 4000-0000");
  letter = DeadLetter();
  EXPECT_EQ(mask.text_of(letter, "no value"), "no value") << "the original is null";
  letter.truncated = true;
  EXPECT_EQ(mask.text_of(letter, "no 4111-1111"), "***") << "the original is elsewhere";
  EXPECT_EQ(mask.text_of(letter, ""), "");
  letter.truncated = false;
  letter.encrypted_with = "key";
  EXPECT_EQ(mask.text_of(letter, "no 4111-1111"), "***") << "the original is sealed";
}

TEST(Mask, KnowsPointers) {
  for (const char* good : {"", "/", "/a", "/a/0", "/a~0~1b"}) EXPECT_TRUE(is_json_pointer(good)) << good;
  for (const char* bad : {"a", "/a~", "/a~2", "card/x"}) EXPECT_FALSE(is_json_pointer(bad)) << bad;
}

TEST(JsonSpans, AreWhereTheValuesStand) {
  const auto spans = json_spans(R"( {"a":[1,{"b":2}]} )", {{"a", "1", "b"}, {"a", "0"}});
  ASSERT_TRUE(spans);
  EXPECT_EQ(*spans, (std::vector<JsonSpan>{{7, 8}, {14, 15}}));
  EXPECT_FALSE(json_spans("{", {{"a"}}));
}

TEST(Mask, TouchesWhatItHidesWhatIsInThatAndWhatHasIt) {
  const Mask mask({"/user/name", "/items/*/price", "/a~1b"});
  for (const char* pointer :
       {"/user/name", "/user/name/first", "/user", "", "/items", "/items/3", "/items/3/price", "/a~1b"})
    EXPECT_TRUE(mask.touches(pointer)) << pointer;
  for (const char* pointer : {"/user/town", "/users", "/items/3/sku", "/a", "/name", "user/name"})
    EXPECT_FALSE(mask.touches(pointer)) << pointer;
  EXPECT_FALSE(Mask().touches("/user"));
}

}  // namespace
}  // namespace eddy::host
