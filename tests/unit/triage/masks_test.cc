// SPDX-License-Identifier: Apache-2.0
// What redact hides is not in the index, and is not found out by asking.
#include "triage/listing_json.h"
#include "unit/triage/triage_fixture.h"

namespace eddy::host {
namespace {

class MasksTest : public TriageTest {
 protected:
  std::unique_ptr<TriageIndex> open_masked(const std::string& pointer) {
    const TriageMasks masks{[pointer](std::string_view) { return Mask({pointer}); }, "hides " + pointer};
    auto opened = *TriageIndex::open(data_dir_, *transport_, "embedded", clock_, masks);
    catch_up(*opened);
    return opened;
  }
  static Code code(const Result<std::vector<LetterPlace>>& places) {
    return places ? Code::kInternal : places.error().code;
  }
};

TEST_F(MasksTest, MessagesAreMaskedWhenTheyAreIndexed) {
  put({.original = R"({"user":"anna-1"})", .message = "no user anna-1"});
  const auto masked = open_masked("/user");
  EXPECT_EQ(masked->groups("", {}, {})->groups.front().error_message, "no user ***");
  EXPECT_EQ(masked->letters("", {}, {})->letters.front().error_message, "no user ***");
  EXPECT_THAT(*masked->select("", filter({{"where", "error_message LIKE '%anna%'"}})), IsEmpty());
}

TEST_F(MasksTest, OfAPointerToAnOriginalNoTextIsShown) {
  queue_options_.max_record_bytes = 1500;
  put({.original = R"({"user":"anna-1","text":")" + std::string(1500, 'x') + R"("})",
       .message = "no user anna-1",
       .key = "anna-1"});
  const auto masked = open_masked("/user");
  const LetterRow row = masked->letters("", {}, {})->letters.front();
  ASSERT_TRUE(row.truncated);
  EXPECT_EQ(row.error_message, "***");
  EXPECT_EQ(masked->groups("", {}, {})->groups.front().error_message, "***");
  LetterFetcher fetcher(*transport_);
  const auto shown = whole_letter_json(row, *fetcher.fetch(row.place), std::nullopt, Mask({"/user"}));
  EXPECT_THAT(shown.dump(), testing::Not(HasSubstr("anna-1")));
}

TEST_F(MasksTest, OfACorrectedCopyNoTextFromBeforeIsShown) {
  const std::string id = put({.original = R"({"user":"anna-1"})", .message = "no user anna-1", .key = "anna-1"});
  const LetterPlace place = index().find(id)->front().place;
  LetterFetcher fetcher(*transport_);
  const FetchedLetter before = *fetcher.fetch(place);
  append("MovieDLQ", writer_.write_edited(*before.letter, Bytes(R"({"user":"anna-2"})"), kNow, {}));
  const std::string copy(writer_.id());
  const auto masked = open_masked("/user");
  const LetterRow row = masked->find(copy)->front();
  EXPECT_EQ(row.error_message, "***");
  const auto shown = whole_letter_json(row, *fetcher.fetch(row.place), std::nullopt, Mask({"/user"}));
  EXPECT_THAT(shown.dump(), testing::Not(HasSubstr("anna-")));
}

TEST_F(MasksTest, AnswersDoNotTellWhatIsHidden) {
  put({.original = R"({"user":{"name":"anna","town":"Bonn"},"id":7})"});
  const auto masked = open_masked("/user/name");
  for (const char* match : {"/user/name=anna", "/user/name/x=1", R"(/user={"name":"anna","town":"Bonn"})", "=1"}) {
    const auto probing = filter({{"match", match}});
    EXPECT_EQ(code(masked->select("MovieDLQ", probing)), Code::kRefused) << match;
    EXPECT_EQ(masked->groups("MovieDLQ", probing, {}).error().code, Code::kRefused) << match;
    EXPECT_EQ(masked->letters("", probing, {}).error().code, Code::kRefused) << match;
  }
  EXPECT_THAT(masked->select("", filter({{"match", "/user/name=anna"}})).error().text, HasSubstr("/user/name: redact"));
  EXPECT_THAT(*masked->select("MovieDLQ", filter({{"match", "/user/town=Bonn"}, {"match", "/id=7"}})), SizeIs(1));
}

TEST_F(MasksTest, WhoMayRevealMayMatch) {
  put({.original = R"({"user":"anna"})"});
  auto asked = filter({{"match", "/user=anna"}});
  asked.reveal = true;
  EXPECT_THAT(*open_masked("/user")->select("MovieDLQ", asked), SizeIs(1));
}

TEST_F(MasksTest, OtherPointersMakeItAnew) {
  put({.original = R"({"user":"anna-1","card":"4111 1111"})", .message = "anna-1 has no 4111 1111"});
  const auto message = [](TriageIndex& index) { return index.groups("", {}, {})->groups.front().error_message; };
  const auto before = open_masked("/user");
  EXPECT_EQ(message(*before), "*** has no 4111 1111");
  EXPECT_EQ(message(*open_masked("/card")), "anna-1 has no ***");
}

}  // namespace
}  // namespace eddy::host
