// SPDX-License-Identifier: Apache-2.0
#include "runtime/try/output_diff.h"

#include <gtest/gtest.h>

namespace eddy::host {
namespace {

using Outputs = std::vector<TryOutput>;

TryOutput json(const std::string& value) { return {"out", std::nullopt, value, {}}; }
std::string as_it_is(std::string_view value) { return std::string(value); }

TEST(OutputDiff, ComparesJsonByItsContent) {
  EXPECT_TRUE(same_outputs({json(R"({"a":1,"b":[1,2]})")}, {json(R"({ "b": [1, 2], "a": 1 })")}, {}));
  EXPECT_FALSE(same_outputs({json(R"({"b":[1,2]})")}, {json(R"({"b":[2,1]})")}, {}));
  EXPECT_FALSE(same_outputs({json("1")}, {json("1 x")}, {}));
  EXPECT_TRUE(same_outputs({json("plain")}, {json("plain")}, {}));
  EXPECT_FALSE(same_outputs({json("plain")}, {json("plain ")}, {}));
}

TEST(OutputDiff, ComparesNumberPlaceKeyAndHeaders) {
  const TryOutput whole{"out", "k", "1", {{"h", "v"}}};
  TryOutput other = whole;
  EXPECT_TRUE(same_outputs({whole}, {other}, {}));
  EXPECT_FALSE(same_outputs({whole}, {whole, whole}, {}));
  EXPECT_FALSE(same_outputs({}, {whole}, {}));
  other.stream = "elsewhere";
  EXPECT_FALSE(same_outputs({whole}, {other}, {}));
  other = whole;
  other.key.reset();
  EXPECT_FALSE(same_outputs({whole}, {other}, {}));
  other = whole;
  other.headers[0].second.reset();
  EXPECT_FALSE(same_outputs({whole}, {other}, {}));
  other = whole;
  other.value.reset();
  EXPECT_FALSE(same_outputs({whole}, {other}, {})) << "null is not empty";
}

TEST(OutputDiff, LeavesOutWhatTheSameBuildMakesAnewEachTime) {
  const Outputs first{json(R"({"at":1,"n":{"id":"x"},"v":5})")}, second{json(R"({"at":2,"n":{"id":"y"},"v":5})")};
  const Pointers unstable = unstable_members(first, second);
  EXPECT_EQ(unstable, (Pointers{"/at", "/n/id"}));
  EXPECT_TRUE(same_outputs(first, second, unstable));
  EXPECT_FALSE(same_outputs(first, {json(R"({"at":3,"n":{"id":"z"},"v":6})")}, unstable));
  EXPECT_TRUE(unstable_members({json("1")}, {json("2")}).empty()) << "a value as a whole is not left out";
  EXPECT_TRUE(same_outputs({json(R"({"a":[1,9]})")}, {json(R"({"a":[1,8]})")}, {"/a/1"}));
  EXPECT_FALSE(same_outputs({json(R"({"a":[1,9]})")}, {json(R"({"a":[1]})")}, {"/b"}));
}

TEST(OutputDiff, IsUnifiedAroundEachChange) {
  EXPECT_EQ(unified_diff({json(R"({"a":1,"b":2})")}, {json(R"({"a":1,"b":3})")}, {}, as_it_is, 100),
            "@@ -1,5 +1,5 @@\n to out\n {\n   \"a\": 1,\n-  \"b\": 2\n+  \"b\": 3\n }\n");
  EXPECT_EQ(unified_diff(Outputs(), {json("x")}, {}, as_it_is, 100), "@@ -0,0 +1,2 @@\n+to out\n+x\n");
  EXPECT_EQ(unified_diff({json("x")}, {json("x")}, {}, as_it_is, 100), "");
  EXPECT_EQ(unified_diff({json(R"({"at":1,"b":2})")}, {json(R"({"at":2,"b":2})")}, {"/at"}, as_it_is, 100), "");
  std::vector<std::string> before, after;
  for (int i = 0; i < 20; ++i) before.push_back(std::to_string(i));
  after = before;
  after[2] = "two";
  after[15] = "fifteen";
  EXPECT_EQ(unified_diff(before, after, 100),
            "@@ -1,6 +1,6 @@\n 0\n 1\n-2\n+two\n 3\n 4\n 5\n"
            "@@ -13,7 +13,7 @@\n 12\n 13\n 14\n-15\n+fifteen\n 16\n 17\n 18\n");
  EXPECT_EQ(unified_diff(before, after, 3), "@@ -1,6 +1,6 @@\n 0\n 1\n-2\n… 12 more lines\n");
}

TEST(OutputDiff, ShowsValuesAsItIsToldAndBytesInBase64) {
  const auto hide = [](std::string_view) { return std::string("***"); };
  EXPECT_EQ(unified_diff(Outputs(), {json("secret")}, {}, hide, 100), "@@ -0,0 +1,2 @@\n+to out\n+***\n");
  EXPECT_EQ(unified_diff(Outputs(), {TryOutput{"out", "\xff", std::nullopt, {}}}, {}, as_it_is, 100),
            "@@ -0,0 +1,3 @@\n+to out\n+key base64:/w==\n+(null)\n");
}

TEST(OutputDiff, TakesSidesThatAreTooLongToCompareAsWholes) {
  const std::vector<std::string> before(2001, "a"), after(2001, "b");
  const std::string diff = unified_diff(before, after, 10'000);
  EXPECT_EQ(diff.substr(0, diff.find('\n')), "@@ -1,2001 +1,2001 @@");
}

}  // namespace
}  // namespace eddy::host
