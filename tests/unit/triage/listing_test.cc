// SPDX-License-Identifier: Apache-2.0
// Groups, letters, queues, and what filters leave of them.

#include "unit/triage/triage_fixture.h"

namespace eddy::host {
namespace {

std::vector<std::string> ids(const std::vector<LetterPlace>& places) {
  std::vector<std::string> ids;
  for (const LetterPlace& place : places) ids.push_back(place.id);
  std::sort(ids.begin(), ids.end());
  return ids;
}
std::vector<std::string> sorted(std::vector<std::string> ids) {
  std::sort(ids.begin(), ids.end());
  return ids;
}

class ListingTest : public TriageTest {
 protected:
  std::vector<std::string> selected(std::initializer_list<std::pair<const char*, const char*>> values,
                                    const std::string& queue = "MovieDLQ") {
    const auto places = index().select(queue, filter(values));
    EXPECT_TRUE(places) << places.error().text;
    return places ? ids(*places) : std::vector<std::string>{"error"};
  }
  std::string refusal(const char* where) {
    const auto places = index().select("MovieDLQ", filter({{"where", where}}));
    EXPECT_FALSE(places);
    if (places) return "accepted";
    EXPECT_EQ(places.error().code, Code::kUsage);
    return places.error().text;
  }
};

TEST_F(ListingTest, GroupsTellWhatTheirLettersHaveInCommon) {
  const std::string first = put({.message = "no movie 17", .failed_us = kNow - 90 * kMinute});
  put({.message = "no movie 18", .version = "1.1.0", .failed_us = kNow - 40 * kMinute});
  const std::string last = put({.message = "no movie 19", .version = "1.1.0", .failed_us = kNow - kMinute});
  put({.type = "std::out_of_range", .message = "beyond the end"});
  put({.message = "no movie 20"}, "OtherDLQ");

  const auto page = *index().groups("MovieDLQ", {}, {});
  ASSERT_THAT(page.groups, SizeIs(2));
  EXPECT_EQ(page.total, 2u);
  EXPECT_EQ(page.next, "");
  const LetterGroup& group = page.groups[0];
  EXPECT_EQ(group.count, 3u);
  EXPECT_EQ(group.error_type, "std::runtime_error");
  EXPECT_EQ(group.error_message, "no movie 18");
  EXPECT_EQ(group.source, "transform");
  EXPECT_THAT(group.functions, ElementsAre("rate"));
  EXPECT_THAT(group.builds, SizeIs(2));
  EXPECT_EQ(group.first_us, kNow - 90 * kMinute);
  EXPECT_EQ(group.last_us, kNow - kMinute);
  EXPECT_EQ(group.slots[46], 1u);
  EXPECT_EQ(group.slots[45], 1u);
  EXPECT_EQ(group.slots[44], 1u);
  EXPECT_THAT(group.samples, SizeIs(3));
  EXPECT_EQ(group.samples.front(), first);
  EXPECT_EQ(group.samples.back(), last);
  EXPECT_THAT(index().groups("", {}, {})->groups, SizeIs(3));
}

TEST_F(ListingTest, PagesShowEverythingOnce) {
  for (int i = 0; i < 25; ++i) {
    for (int n = 0; n <= i % 4; ++n)
      put({.type = "type" + std::to_string(i), .failed_us = kNow - (i * 7 + n) % 13 * kMinute});
  }
  std::vector<std::string> groups, letters;
  std::uint64_t least = UINT64_MAX;
  Page page{.limit = 7};
  do {
    const auto listed = *index().groups("MovieDLQ", {}, page);
    EXPECT_EQ(listed.total, 25u);
    for (const LetterGroup& group : listed.groups) {
      groups.push_back(group.fingerprint);
      EXPECT_LE(group.count, least);
      least = group.count;
    }
    page.after = listed.next;
  } while (!page.after.empty());
  EXPECT_THAT(groups, SizeIs(25));
  EXPECT_EQ(std::set<std::string>(groups.begin(), groups.end()).size(), 25u);
  std::int64_t newest = INT64_MAX;
  do {
    const auto listed = *index().letters("MovieDLQ", {}, page);
    for (const LetterRow& row : listed.letters) {
      letters.push_back(row.place.id);
      EXPECT_LE(row.failed_us, newest);
      newest = row.failed_us;
    }
    page.after = listed.next;
  } while (!page.after.empty());
  EXPECT_EQ(sorted(letters), ids(*index().select("MovieDLQ", {})));
  EXPECT_FALSE(index().groups("MovieDLQ", {}, {.after = "nonsense"}));
  EXPECT_FALSE(index().letters("MovieDLQ", {}, {.after = "nonsense"}));
}

TEST_F(ListingTest, FiltersLeaveWhatTheySay) {
  const std::string a = put({.original = R"({"id":1,"user":{"name":"Ann"}})", .failed_us = kNow - 3 * 60 * kMinute});
  const std::string b =
      put({.original = R"({"id":2,"tags":["x","y"]})", .type = "std::out_of_range", .function = "score"});
  const std::string c = put({.original = "not JSON", .type = "std::out_of_range"});
  const std::string group = (*index().find(a))[0].fingerprint;

  EXPECT_EQ(selected({}), sorted({a, b, c}));
  EXPECT_THAT(selected({{"group", group.c_str()}}), ElementsAre(a));
  EXPECT_EQ(selected({{"type", "std::out*"}}), sorted({b, c}));
  EXPECT_THAT(selected({{"type", "std::out*"}, {"function", "score"}}), ElementsAre(b));
  EXPECT_EQ(selected({{"since", "1h"}}), sorted({b, c}));
  EXPECT_THAT(selected({{"until", "1h"}}), ElementsAre(a));
  EXPECT_THAT(selected({{"match", "/user/name=Ann"}}), ElementsAre(a));
  EXPECT_THAT(selected({{"match", "/id=2.0"}}), ElementsAre(b));
  EXPECT_THAT(selected({{"match", "/tags/1=y"}, {"match", "/id=2"}}), ElementsAre(b));
  EXPECT_THAT(selected({{"match", R"(/tags=["x", "y"])"}}), ElementsAre(b));
  EXPECT_THAT(selected({{"match", "/id=3"}}), IsEmpty());
  EXPECT_THAT(selected({{"where", "error_type LIKE '%range' AND function = 'rate'"}}), ElementsAre(c));
  EXPECT_THAT(selected({{"where", "failed_at < '2025-11-28T16:00:00Z' OR size < 1"}}), ElementsAre(a));
  EXPECT_THAT(selected({{"where", "size = (SELECT max(size) FROM letters)"}}), SizeIs(testing::Ge(1u)));
  EXPECT_THAT(selected({{"state", "discarded"}}), IsEmpty());
  EXPECT_THAT(selected({}, "OtherDLQ"), IsEmpty());

  const auto groups = *index().groups("MovieDLQ", filter({{"match", "/id=2"}}), {});
  ASSERT_THAT(groups.groups, SizeIs(1));
  EXPECT_EQ(groups.groups[0].count, 1u);
  const auto late = *index().groups("MovieDLQ", filter({{"since", "1h"}}), {});
  ASSERT_THAT(late.groups, SizeIs(2));
  const auto where = *index().groups("MovieDLQ", filter({{"where", "origin_offset = 1"}}), {});
  ASSERT_THAT(where.groups, SizeIs(1));
  EXPECT_EQ(where.groups[0].error_type, "std::out_of_range");
  EXPECT_THAT(index().letters("MovieDLQ", filter({{"match", "/id=1"}}), {})->letters, SizeIs(1));
}

TEST_F(ListingTest, ExpressionsReachNothingButTheView) {
  put({});
  EXPECT_THAT(refusal("1); DROP TABLE letter"), HasSubstr("brackets"));
  EXPECT_THAT(refusal("1) UNION SELECT sql FROM sqlite_master WHERE (1"), HasSubstr("brackets"));
  EXPECT_THAT(refusal("1 -- 2"), HasSubstr("comments"));
  EXPECT_THAT(refusal("1; DROP TABLE letter"), HasSubstr("more than one statement"));
  EXPECT_THAT(refusal("1 /* and no more"), HasSubstr("comments"));
  EXPECT_THAT(refusal("id IN (SELECT name FROM sqlite_master)"), HasSubstr("reading sqlite_master is refused"));
  EXPECT_THAT(refusal("EXISTS (SELECT 1 FROM state)"), HasSubstr("reading state is refused"));
  EXPECT_THAT(refusal("EXISTS (SELECT 1 FROM sample)"), HasSubstr("reading sample is refused"));
  EXPECT_THAT(refusal("EXISTS (SELECT 1 FROM pragma_table_info('letter'))"), HasSubstr("refused"));
  EXPECT_THAT(refusal("load_extension('x.so')"), HasSubstr("load_extension"));
  EXPECT_THAT(refusal("length(zeroblob(1000000000)) > 0"), HasSubstr("zeroblob"));
  EXPECT_THAT(refusal("ATTACH 'x' AS y"), HasSubstr("expected an SQL expression"));
  EXPECT_THAT(refusal("1 IN (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n)"),
              HasSubstr("WITH has no place"));
  EXPECT_THAT(refusal("id = ?1"), HasSubstr("parameters"));
  EXPECT_THAT(refusal("nonsense = 1"), HasSubstr("no such column: nonsense"));
  EXPECT_THAT(refusal("id = 'open"), HasSubstr("is not closed"));
  EXPECT_THAT(refusal("count(*) > 1"), HasSubstr("expected an SQL expression"));
  EXPECT_THAT(refusal("PRAGMA user_version = 3"), HasSubstr("expected an SQL expression"));
  EXPECT_THAT(selected({{"where", "error_message <> ';--/*' AND [id] <> 'WITH ?'"}}), SizeIs(1));
}

TEST_F(ListingTest, AnExpressionThatTakesTooLongIsEnded) {
  for (int i = 0; i < 300; ++i) put({});
  index().set_time_limit(std::chrono::milliseconds(50));
  EXPECT_THAT(refusal("(SELECT count(*) FROM letters a WHERE (SELECT count(*) FROM letters b WHERE a.size + b.size < "
                      "letters.size) > 0) > 0"),
              HasSubstr("took longer than 0.05 s"));
  index().set_time_limit(std::chrono::seconds(60));
  EXPECT_THAT(selected({{"where", "size > 0"}}), SizeIs(300));
}

TEST_F(ListingTest, AnExpressionGathersNoRows) {
  put({});
  const char* const many = "id IN (SELECT a.id || b.id FROM letters a, letters b)";
  EXPECT_THAT(refusal(many), HasSubstr("IN (SELECT …) takes one column as it is"));
  EXPECT_THAT(refusal("id not in ( ( select hex(id) from letters))"), HasSubstr("takes one column as it is"));
  EXPECT_THAT(refusal("(id, id) IN (SELECT id, id FROM letters)"), HasSubstr("takes one column as it is"));
  std::string lists = "1";
  for (int i = 0; i < 4; ++i) lists += " AND id IN (SELECT l.id FROM letters l)";
  EXPECT_THAT(selected({{"where", lists.c_str()}}), SizeIs(1));
  EXPECT_THAT(refusal((lists + " AND id IN (SELECT id FROM letters)").c_str()), HasSubstr("more than 4 IN (SELECT"));
  EXPECT_THAT(refusal("EXISTS (SELECT 1 FROM letters a, letters b)"), HasSubstr("FROM takes letters alone"));
  EXPECT_THAT(refusal("EXISTS (SELECT 1 FROM(SELECT id FROM letters) a)"), HasSubstr("FROM takes letters alone"));
  EXPECT_THAT(refusal("EXISTS (SELECT 1 FROM letters'a'join letters b)"), HasSubstr("JOIN has no place in it"));
  for (const char* gathers : {"SELECT id FROM letters ORDER BY id", "SELECT max(id) FROM letters GROUP BY size",
                              "SELECT DISTINCT id FROM letters", "SELECT 1 UNION SELECT 2", "SELECT 1 except SELECT 2",
                              "SELECT 1 INTERSECT SELECT 2", "SELECT count(*) OVER () FROM letters"}) {
    EXPECT_THAT(refusal(fmt::format("({}) = 1", gathers).c_str()), HasSubstr("has no place in it")) << gathers;
  }
  EXPECT_THAT(selected({{"where",
                         "attempts IN (1, 2) AND state IN ('open', (SELECT min(state) FROM letters)) AND "
                         "EXISTS (SELECT 1 FROM letters a WHERE a.id = letters.id AND a.error_type IS NOT 'JOIN')"}}),
              SizeIs(1));
}

TEST_F(ListingTest, WhatAnExpressionBuildsIsShort) {
  const std::string id = put({.original = '"' + std::string(80'000, 'x') + '"', .message = std::string(4000, 'm')});
  EXPECT_THAT(selected({{"where", "length(hex(hex(hex(hex(error_message))))) = 64000"}}), SizeIs(1));
  EXPECT_THAT(refusal("length(hex(hex(hex(hex(hex(error_message)))))) > 0"), HasSubstr("too big"));
  EXPECT_THAT(*index().kept(id), SizeIs(1)) << "copies of letters may be longer";
}

TEST_F(ListingTest, LettersAreFoundByTheBeginningOfTheirId) {
  const std::string id = put({});
  put({});
  EXPECT_THAT(*index().find(id.substr(0, 12)), SizeIs(1));
  EXPECT_THAT(*index().find(""), SizeIs(2));
  EXPECT_THAT(*index().find("", 1), SizeIs(1));
  EXPECT_THAT(*index().find("zz"), IsEmpty());
}

TEST_F(ListingTest, QueuesCountByState) {
  const std::string id = put({});
  put({.type = "other", .failed_us = kNow - 20 * kMinute});
  set_state(id, LetterState::kDiscarded);
  const auto queues = *index().queues();
  ASSERT_THAT(queues, SizeIs(2));
  EXPECT_EQ(queues[0].queue, "MovieDLQ");
  EXPECT_THAT(queues[0].letters, ElementsAre(1, 0, 0, 1, 0));
  EXPECT_EQ(queues[0].groups, 2u);
  EXPECT_EQ(queues[0].oldest_open_us, kNow - 20 * kMinute);
  EXPECT_EQ(queues[1].queue, "OtherDLQ");
  EXPECT_EQ(queues[1].last_us, 0);
}

}  // namespace
}  // namespace eddy::host
