// SPDX-License-Identifier: Apache-2.0
// The small tools: environment, masking, globs, suggestions, addresses, scalars.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "settings/address.h"
#include "settings/environment.h"
#include "settings/glob.h"
#include "settings/mask.h"
#include "settings/render.h"
#include "settings/scalar.h"
#include "settings/suggest.h"
#include "unit/settings/support.h"

namespace eddy::host {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Environment, ReplacesVariablesAndDefaults) {
  const test::Variable set("EDDY_TEST_SET", "va${EDDY_TEST_SET}lue");
  const test::Variable empty("EDDY_TEST_EMPTY", "");
  EXPECT_EQ(expand_environment("a ${EDDY_TEST_SET} b").text, "a va${EDDY_TEST_SET}lue b") << "not expanded again";
  EXPECT_EQ(expand_environment("${EDDY_TEST_UNSET:-x:-y}").text, "x:-y");
  EXPECT_EQ(expand_environment("${EDDY_TEST_UNSET:-}|").text, "|");
  EXPECT_EQ(expand_environment("${EDDY_TEST_EMPTY:-x}${EDDY_TEST_EMPTY}").text, "x");
  EXPECT_TRUE(expand_environment("${EDDY_TEST_SET}").replaced);
}

TEST(Environment, LeavesOtherDollarsAlone) {
  const Expanded expanded = expand_environment("$${HOME} $HOME $$ 5$");
  EXPECT_EQ(expanded.text, "${HOME} $HOME $$ 5$");
  EXPECT_FALSE(expanded.replaced);
}

TEST(Environment, SaysWhatIsWrong) {
  const test::Variable bytes("EDDY_TEST_BYTES", "\xff");
  EXPECT_THAT(expand_environment("${EDDY_TEST_UNSET}").problem,
              HasSubstr("EDDY_TEST_UNSET is not set; set it, or write ${EDDY_TEST_UNSET:-default}"));
  EXPECT_THAT(expand_environment("${1A}").problem, HasSubstr("expected ${NAME}"));
  EXPECT_THAT(expand_environment("${}").problem, HasSubstr("expected ${NAME}"));
  EXPECT_THAT(expand_environment("${A").problem, HasSubstr("without a closing }"));
  EXPECT_THAT(expand_environment("${EDDY_TEST_BYTES}").problem, HasSubstr("not UTF-8"));
}

TEST(Environment, AQuotedVariableKeepsTheTypeOfItsValue) {
  const test::Variable number("EDDY_TEST_NUMBER", "250");
  const LoadedSettings loaded = parse_settings(
      "functions: { f: { timeout_ms: \"${EDDY_TEST_NUMBER}\", unit_ms: '${EDDY_TEST_UNSET:-7}' } }", "f");
  ASSERT_THAT(test::messages(loaded), testing::IsEmpty());
  EXPECT_EQ(loaded.settings.function("f").timeout_ms, 250u);
  EXPECT_EQ(loaded.settings.function("f").unit_ms, 7u);
}

TEST(Environment, AnErrorShowsTheNameAndNotTheValue) {
  const test::Variable secret("EDDY_TEST_SECRET", "geheim");
  EXPECT_THAT(test::findings("functions: { f: { timeout_ms: \"${EDDY_TEST_SECRET}\" } }"),
              testing::ElementsAre(testing::AllOf(HasSubstr("found ${EDDY_TEST_SECRET}"), Not(HasSubstr("geheim")))));
}

TEST(Mask, HidesPasswordsInUrls) {
  EXPECT_EQ(mask_text("postgresql://u:p@h/db"), "postgresql://u:***@h/db");
  EXPECT_EQ(mask_text("a://u:p@h b://v:q@i"), "a://u:***@h b://v:***@i");
  EXPECT_EQ(mask_text("x://u:p/a@s@h/db"), "x://u:***@h/db");
  EXPECT_EQ(mask_text("x://:p@h"), "x://:***@h");
  EXPECT_EQ(mask_text("x://u@h:80/a"), "x://u@h:80/a");
  EXPECT_EQ(mask_text("sqlite:./data/tables.db"), "sqlite:./data/tables.db");
}

TEST(Mask, HidesPasswordsInAssignments) {
  EXPECT_EQ(mask_text("host=h password=p user=u"), "host=h password=*** user=u");
  EXPECT_EQ(mask_text("x://h/?a=1&auth_token=t&b=2"), "x://h/?a=1&auth_token=***&b=2");
  EXPECT_EQ(mask_text("password = 'a b' c"), "password = *** c");
  EXPECT_EQ(mask_text("a=b"), "a=b");
}

TEST(Mask, KnowsSecretNames) {
  for (const char* name : {"password", "sasl.password", "apiKey", "API_KEY", "db-passwd", "client.secret", "token"}) {
    EXPECT_TRUE(names_secret(name)) << name;
  }
  for (const char* name : {"user", "model", "key", "depth", ""}) EXPECT_FALSE(names_secret(name)) << name;
}

TEST(Dump, TellsNoSecret) {
  const test::Variable secret("EDDY_TEST_SECRET", "geheim");
  const LoadedSettings loaded = parse_settings(R"(
tables: { url: "postgresql://u:geheim@h/db" }
streams: { kafka: { properties: { sasl.password: geheim, ssl.key: "${EDDY_TEST_SECRET}", a: b } } }
functions:
  f: { config: { api_key: geheim, dsn: "x://u:geheim@h", inner: { token: [geheim] }, plain: "${EDDY_TEST_SECRET}" } }
  g: { dead_letter_queue: "x://u:geheim@h" }
)",
                                               "f");
  ASSERT_THAT(test::messages(loaded), testing::IsEmpty());
  const std::string dump = to_yaml(loaded.settings);
  EXPECT_THAT(dump, Not(HasSubstr("geheim")));
  EXPECT_THAT(dump, HasSubstr("postgresql://u:***@h/db"));
  EXPECT_THAT(dump, HasSubstr(R"("a":"b")"));
  EXPECT_THAT(dump, HasSubstr(R"("plain":"${EDDY_TEST_SECRET}")"));
  EXPECT_THAT(loaded.settings.function("f").config_json, HasSubstr(R"("plain":"geheim")"));
}

TEST(Dump, ShowsWhatIsInForceAndCanBeReadBack) {
  LoadedSettings loaded = parse_settings("data_dir: \"a$${b} 'c'\"\nfunctions: { \"x\\\"*\": {} }\n", "f");
  ASSERT_THAT(test::messages(loaded), testing::IsEmpty());
  EXPECT_EQ(loaded.settings.data_dir, "a${b} 'c'");
  loaded.settings.log_level = "error";  // as a command line option would
  const LoadedSettings again = parse_settings(to_yaml(loaded.settings), "dump");
  ASSERT_THAT(test::messages(again), testing::IsEmpty()) << to_yaml(loaded.settings);
  EXPECT_EQ(again.settings.data_dir, loaded.settings.data_dir);
  EXPECT_EQ(again.settings.log_level, "error");
  ASSERT_EQ(again.settings.function_sections.size(), 1u);
  EXPECT_EQ(again.settings.function_sections[0].pattern, "x\"*");
}

TEST(Glob, MatchesStarsAndQuestionMarks) {
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("a*b*c", "a-b-b-c"));
  EXPECT_TRUE(glob_match("a?c", "abc"));
  EXPECT_TRUE(glob_match("", ""));
  EXPECT_TRUE(glob_match("a.c", "a.c"));
  EXPECT_FALSE(glob_match("a.c", "abc"));
  EXPECT_FALSE(glob_match("a?c", "ac"));
  EXPECT_FALSE(glob_match("a*b", "a-b-c"));
  EXPECT_FALSE(glob_match("", "a"));
  EXPECT_FALSE(glob_match("[a]", "a"));
  EXPECT_FALSE(glob_match("*a*a*a*a*a*a*a*a*b", std::string(2000, 'a')));
}

TEST(Suggest, CountsEdits) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("transprt", "transport"), 1u);
  EXPECT_EQ(edit_distance("lsiten", "listen"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(Suggest, NamesOnlyWhatIsNear) {
  const std::vector<std::string_view> known = {"listen", "level", "retention_days"};
  EXPECT_EQ(nearest("lsiten", known), "listen");
  EXPECT_EQ(nearest("retention", known), "retention_days");
  EXPECT_EQ(nearest("port", known), "");
  EXPECT_EQ(nearest("retention_day", known), "retention_days");
  EXPECT_EQ(nearest("", known), "");
  EXPECT_EQ(nearest(std::string(100'000, 'x'), known), "");
}

TEST(Address, IsHostAndPort) {
  const auto six = parse_listen("[::1]:5001");
  ASSERT_TRUE(six);
  EXPECT_EQ(six->host, "::1");
  EXPECT_EQ(six->port, 5001);
  EXPECT_EQ(parse_listen("localhost:0")->port, 0);
  for (const char* wrong : {"", ":", ":80", "localhost", "localhost:", "localhost:x", "localhost:65536", "::1:80",
                            "[::1]", "[x]:80", "a b:80", "http://h:80", "h:-1", "[]:1"}) {
    EXPECT_FALSE(parse_listen(wrong)) << wrong;
  }
}

TEST(Address, KnowsLoopback) {
  for (const char* host : {"127.0.0.1", "127.1.2.3", "::1", "localhost"}) EXPECT_TRUE(is_loopback(host)) << host;
  for (const char* host : {"0.0.0.0", "::", "10.0.0.1", "example.com", "127.0.0.1.example.com", ""}) {
    EXPECT_FALSE(is_loopback(host)) << host;
  }
}

TEST(Scalar, IsTypedByTheCoreSchema) {
  EXPECT_EQ(resolve("~"), ScalarType::kNull);
  EXPECT_EQ(resolve("TRUE"), ScalarType::kBool);
  EXPECT_EQ(resolve("on"), ScalarType::kText);
  EXPECT_EQ(resolve("-12"), ScalarType::kInteger);
  EXPECT_EQ(resolve("1e3"), ScalarType::kFloat);
  EXPECT_EQ(resolve(".inf"), ScalarType::kText);
  EXPECT_EQ(resolve("nan"), ScalarType::kText);
  EXPECT_EQ(resolve("1.2.3"), ScalarType::kText);
  EXPECT_EQ(resolve("-"), ScalarType::kText);
}

}  // namespace
}  // namespace eddy::host
