// SPDX-License-Identifier: Apache-2.0
// Counts of groups are those of their letters, whatever way they are come by.
#include <map>
#include <random>

#include "triage/expression.h"
#include "triage/schema.h"
#include "unit/triage/triage_fixture.h"

namespace eddy::host {
namespace {

class CountingTest : public TriageTest {
 protected:
  void fill(int letters) {
    for (int i = 0; i < letters; ++i) {
      const std::string id = put({.type = "type" + std::to_string(random_() % 5),
                                  .version = "1." + std::to_string(random_() % 2),
                                  .failed_us = at(random_() % 2000),
                                  .key = std::to_string(i)});
      if (i % 5 == 0) set_state(id, static_cast<LetterState>(1 + random_() % 3), 0, kMinute);
    }
  }
  static std::int64_t at(std::uint64_t minutes_ago) { return kNow - static_cast<std::int64_t>(minutes_ago) * kMinute; }
  // By looking at every letter.
  std::map<std::string, std::string> counted(const LetterFilter& filter) {
    std::map<std::string, LetterGroup> groups;
    const auto page = index().letters("", all(), {.limit = 100'000});
    for (const LetterRow& row : page->letters) {
      if (row.failed_us < filter.since_us.value_or(INT64_MIN) || row.failed_us >= filter.until_us.value_or(INT64_MAX))
        continue;
      const auto [entry, first] = groups.try_emplace(row.fingerprint);
      LetterGroup& group = entry->second;
      if (first) group.first_us = INT64_MAX;
      ++group.letters[static_cast<std::size_t>(row.state)];
      if (row.state == LetterState::kRecovered) ++group.recoveries;
      group.first_us = std::min(group.first_us, row.failed_us);
      group.last_us = std::max(group.last_us, row.failed_us);
    }
    std::map<std::string, std::string> told;
    for (const auto& [fingerprint, group] : groups) told[fingerprint] = told_of(group);
    return told;
  }
  std::map<std::string, std::string> listed(const LetterFilter& filter) {
    const auto page = index().groups("", filter, {.limit = 1000});
    EXPECT_TRUE(page) << page.error().text;
    std::map<std::string, std::string> told;
    for (const LetterGroup& group : page->groups) told[group.fingerprint] = told_of(group);
    return told;
  }
  static std::string told_of(const LetterGroup& group) {
    return fmt::format("[{}] {} {} {}", fmt::join(group.letters, ","), group.recoveries, group.first_us, group.last_us);
  }

  std::mt19937_64 random_{11};
};

TEST_F(CountingTest, TimesCountAsLettersDo) {
  fill(400);
  for (int i = 0; i < 60; ++i) {
    LetterFilter asked = all();
    if (i % 3 != 0) asked.since_us = at(random_() % 2100);
    if (i % 3 != 1) asked.until_us = at(random_() % 2100);
    EXPECT_EQ(listed(asked), counted(asked)) << asked.since_us.value_or(0) << " " << asked.until_us.value_or(0);
  }
}

TEST_F(CountingTest, ExpressionsCountTheSameWhetherTheyLookAtLettersOrCauses) {
  fill(200);
  for (const std::string cause : {"error_type LIKE '%1' OR plugin_version = '1.1'", "letters.error_type = 'type2'",
                                  "queue = 'MovieDLQ' AND function <> 'x'", "1",
                                  "error_type IN (SELECT error_type FROM letters l WHERE l.plugin_version = '1.0')"}) {
    for (const char* since : {"90w", "15h"}) {
      const auto of_causes = filter({{"where", cause.c_str()}, {"since", since}, {"state", "all"}});
      const std::string same = "(" + cause + ") AND size > 0";
      const auto of_letters = filter({{"where", same.c_str()}, {"since", since}, {"state", "all"}});
      EXPECT_EQ(listed(of_causes), listed(of_letters)) << cause;
      EXPECT_THAT(listed(of_causes), testing::Not(IsEmpty())) << cause;
    }
  }
}

TEST_F(CountingTest, TellsExpressionsOverCausesFromOthers) {
  put({});
  index();
  const auto reader = *triage::open_reader(data_dir_);
  triage::ExpressionGuard guard(*reader, std::chrono::minutes(1));
  const auto about_causes = [&](const char* expression) {
    EXPECT_TRUE(guard.check(expression)) << expression;
    return guard.about_causes();
  };
  EXPECT_TRUE(about_causes("error_type LIKE '%x' AND plugin_version < '2' AND route = ''"));
  EXPECT_FALSE(about_causes("error_type = 'x' AND attempts > 1"));
  EXPECT_FALSE(about_causes("error_message LIKE '%x'"));
  EXPECT_FALSE(about_causes("stream = 'x'"));
  EXPECT_FALSE(about_causes("error_type = (SELECT max(error_type) FROM letters WHERE hops > 1)"));
  EXPECT_TRUE(about_causes("function = 'rate'"));
}

TEST_F(CountingTest, ACauseThatHasGoneComesBack) {
  put({.failed_us = kNow - 40 * 24 * 60 * kMinute}, "OtherDLQ");
  index();
  put({.type = "young"}, "OtherDLQ");
  ASSERT_TRUE(transport_->apply_retention(kNow));
  EXPECT_THAT(index().groups("OtherDLQ", all(), {})->groups, SizeIs(1));
  put({}, "OtherDLQ");
  EXPECT_THAT(index().groups("OtherDLQ", all(), {})->groups, SizeIs(2));
}

}  // namespace
}  // namespace eddy::host
