// SPDX-License-Identifier: Apache-2.0
// Filters as operators write them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "triage/letter_filter.h"

namespace eddy::host {
namespace {

using testing::HasSubstr;
using Json = nlohmann::ordered_json;

constexpr std::int64_t kNow = 1'764'352'800'000'000;  // 2025-11-28T18:00:00Z

std::string refusal(const char* name, const char* value) {
  LetterFilterReader reader(kNow);
  const auto added = reader.add(name, value);
  EXPECT_FALSE(added);
  return added ? "accepted" : added.error().text;
}

TEST(LetterFilter, TakesTimesAsTheyAreOrAsHowLongAgo) {
  LetterFilterReader reader(kNow);
  ASSERT_TRUE(reader.add("since", "90s"));
  EXPECT_EQ(reader.filter().since_us, kNow - 90'000'000);
  ASSERT_TRUE(reader.add("since", "3d"));
  EXPECT_EQ(reader.filter().since_us, kNow - 3 * 86'400'000'000);
  ASSERT_TRUE(reader.add("until", "2025-11-28T19:00:00+01:00"));
  EXPECT_EQ(reader.filter().until_us, kNow);
}

TEST(LetterFilter, MeansOpenLettersUnlessStatesAreGiven) {
  LetterFilterReader reader(kNow);
  EXPECT_TRUE(has(reader.filter().states, LetterState::kOpen));
  EXPECT_EQ(reader.filter().states.count(), 1u);
  ASSERT_TRUE(reader.add("state", "parked"));
  EXPECT_FALSE(has(reader.filter().states, LetterState::kOpen));
  ASSERT_TRUE(reader.add("state", "all"));
  EXPECT_TRUE(reader.filter().states.all());
}

TEST(LetterFilter, SaysWhatItExpected) {
  EXPECT_THAT(refusal("colour", "red"), HasSubstr("there is no filter 'colour': expected group"));
  EXPECT_THAT(refusal("since", "yesterday"), HasSubstr("expected a time as"));
  EXPECT_THAT(refusal("since", "99999999999999999d"), HasSubstr("expected a time as"));
  EXPECT_THAT(refusal("since", "-5m"), HasSubstr("expected a time as"));
  EXPECT_THAT(refusal("match", "id=1"), HasSubstr("expected a JSON pointer"));
  EXPECT_THAT(refusal("match", "/a~2=1"), HasSubstr("expected a JSON pointer"));
  EXPECT_THAT(refusal("match", "/id"), HasSubstr("expected a JSON pointer"));
  EXPECT_THAT(refusal("state", "gone"), HasSubstr("expected open, recovered"));
}

TEST(LetterFilter, ValuesOfMatchAreNotInWhatOthersSee) {
  LetterFilterReader reader(kNow);
  ASSERT_TRUE(reader.add(Json::parse(R"({"match": ["/email=ann@example.com", "/b=x=y"], "function": "f"})")));
  const Json shown = without_values(to_json(reader.filter()));
  EXPECT_EQ(shown, Json::parse(R"({"match": ["/email=…", "/b=…"], "function": "f", "state": ["open"]})"));
  EXPECT_EQ(without_values(shown), shown);
  EXPECT_EQ(without_values(nullptr), nullptr);
  EXPECT_EQ(refusal("match", "email=ann@example.com"),
            "match 'email=…': expected a JSON pointer, '=' and a value, as /user/id=42");
  const auto object = reader.add(Json::parse(R"({"match": {"/email": "ann@example.com"}})"));
  EXPECT_EQ(object.error().text, "match 'object': expected a string");
}

TEST(LetterFilter, GoesThroughJsonUnchanged) {
  LetterFilterReader reader(kNow);
  ASSERT_TRUE(reader.add(Json::parse(R"({"group": "0123", "type": "std::*", "since": "2h", "until": "1h",
    "match": ["/a=1", "/b=x=y"], "where": "attempts > 1", "function": "f", "state": ["open", "parked"]})")));
  LetterFilterReader again(kNow + 5);
  ASSERT_TRUE(again.add(to_json(reader.filter())));
  EXPECT_EQ(again.filter(), reader.filter());
  EXPECT_EQ(again.filter().match[1], (PointerMatch{"/b", "x=y"}));
}

TEST(LetterFilter, RefusesJsonThatIsNoFilter) {
  for (const char* text : {R"([])", R"({"group": 1})", R"({"match": [1]})", R"({"group": ["a"]})", R"({"x": "y"})"}) {
    LetterFilterReader reader(kNow);
    EXPECT_FALSE(reader.add(Json::parse(text))) << text;
  }
}

}  // namespace
}  // namespace eddy::host
