// SPDX-License-Identifier: Apache-2.0
// The balance of the films: every record ends in exactly one place.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "shipped.h"

namespace eddy::test {
namespace {

struct Balance {
  int in = 0, through = 0, recovered = 0, skipped = 0, other = 0;
  std::map<std::string, int> refused;
  std::map<std::string, int> titles;
};

Balance run_all(FakePlugin& plugin, std::istream& films) {
  Balance balance;
  for (std::string line; std::getline(films, line);) {
    ++balance.in;
    Outcome outcome = plugin.run("to_release", {line});
    if (outcome.status == EDDY_OK) {
      ++balance.through;
    } else {
      ++balance.refused[outcome.error_type];
      outcome = plugin.recover("recover_movie", {outcome.error_type, outcome.message, line});
      ++(outcome.status == EDDY_OK         ? balance.recovered
         : outcome.status == EDDY_FILTERED ? balance.skipped
                                           : balance.other);
    }
    for (const OutputText& output : outcome.outputs) {
      ++balance.titles[nlohmann::json::parse(*output.value)["title"].get<std::string>()];
    }
  }
  return balance;
}

TEST(Movies, EveryFilmIsAccountedFor) {
  FakePlugin plugin(shipped("movies"));
  ASSERT_EQ(plugin.described(), EDDY_OK) << plugin.refusal();
  std::ifstream films(EDDY_MOVIES);
  ASSERT_TRUE(films.is_open());
  const Balance balance = run_all(plugin, films);
  EXPECT_EQ(balance.in, 3201);
  EXPECT_EQ(balance.through, 3164);
  EXPECT_EQ(balance.refused, (std::map<std::string, int>{{"ValidationError", 17}, {"std::out_of_range", 20}}));
  EXPECT_EQ(balance.recovered, 29);
  EXPECT_EQ(balance.skipped, 8);
  EXPECT_EQ(balance.other, 0);
  EXPECT_EQ(balance.titles.size(), 3169U);
}

TEST(Movies, SaysWhatWasWrong) {
  FakePlugin plugin(shipped("movies"));
  const std::string late = R"({"Title":"Wings","US Gross":1,"Worldwide Gross":2,"Release Date":"Aug 12 2027"})";
  Outcome outcome = plugin.run("to_release", {late});
  EXPECT_EQ(outcome.message, "Release Date: \"Aug 12 2027\" lies after 2011");
  outcome = plugin.recover("recover_movie", {outcome.error_type, outcome.message, late});
  ASSERT_EQ(outcome.outputs.size(), 1U);
  EXPECT_EQ(nlohmann::json::parse(*outcome.outputs[0].value)["release_date"], "1927-08-12");

  outcome = plugin.run("to_release", {R"({"Title":"X","US Gross":1,"Worldwide Gross":2,"Release Date":"soon"})"});
  EXPECT_EQ(outcome.error_type, "std::invalid_argument");
  EXPECT_EQ(outcome.message, "Release Date: expected a date like \"Jun 12 1998\", found \"soon\"");
}

TEST(Movies, DeclaresItsQueuesAndItsTable) {
  const FakePlugin plugin(shipped("movies"));
  EXPECT_EQ(plugin.find("function", "to_release").dead_letter_queue, "MovieDLQ");
  EXPECT_EQ(plugin.find("ingest_api", "movies").dead_letter_queue, "MovieDLQ");
  EXPECT_EQ(plugin.find("function", "recover_movie").source, "MovieDLQ");
  EXPECT_EQ(plugin.find("function", "recover_movie").destination, "recovered_releases");
  EXPECT_EQ(plugin.find("stream", "releases").destination, "releases");
  EXPECT_EQ(plugin.find("stream", "releases").dead_letter_queue, "ReleaseDLQ");
  EXPECT_EQ(plugin.find("table", "releases").model->fields[0].flags, std::uint32_t{EDDY_FIELD_UNIQUE});
}

}  // namespace
}  // namespace eddy::test
