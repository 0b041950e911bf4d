// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/json_layout.h"

#include <gtest/gtest.h>

namespace eddy::host {
namespace {

TEST(JsonLayout, PutsALineForEachMember) {
  EXPECT_EQ(laid_out(R"({"a":[1,{"b":"x"}],"c":{},"d":[]})"),
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x\"\n    }\n  ],\n  \"c\": {},\n  \"d\": []\n}");
  EXPECT_EQ(laid_out("1.50"), "1.50");
  EXPECT_EQ(laid_out("{}"), "{}");
}

TEST(JsonLayout, ComesBackToTheSameBytes) {
  for (const char* text :
       {R"({"a":1.50,"a":-0e1,"q\"{,":"[ : ,]\\","u":"\u0041"})", "[[],[[1,2]],{}]", R"("a b")", "null"}) {
    EXPECT_EQ(compacted(laid_out(text)), text);
    EXPECT_EQ(compacted(text), text);
  }
  EXPECT_EQ(compacted("{ \"a b\" :\t[ 1 ,\n2 ] }"), R"({"a b":[1,2]})");
}

TEST(JsonLayout, KnowsJson) {
  EXPECT_TRUE(is_json(R"( {"a":1} )"));
  for (const char* bad : {"", "{", "{'a':1}", "1 2", "\xff"}) EXPECT_FALSE(is_json(bad)) << bad;
}

}  // namespace
}  // namespace eddy::host
