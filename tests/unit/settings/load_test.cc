// SPDX-License-Identifier: Apache-2.0
#include "settings/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/settings/support.h"

namespace eddy::host {
namespace {

using test::findings;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Load, AnEmptyFileGivesTheDefaults) {
  for (const char* text : {"", "# only a comment\n", "---\n", "{}", "\n\n"}) {
    const LoadedSettings loaded = parse_settings(text, "f");
    EXPECT_THAT(loaded.errors, IsEmpty()) << text;
    EXPECT_EQ(loaded.settings.data_dir, "./data");
    EXPECT_EQ(loaded.settings.file, "f");
  }
}

TEST(Load, StoresEveryTopLevelValue) {
  const LoadedSettings loaded = parse_settings(
      "data_dir: /d\nplugins: { dir: /p }\nadmin: { listen: 'localhost:0' }\nlog: { level: error, format: json }\n"
      "streams: { embedded: { sync: full, max_record_bytes: 4096 }, defaults: { partitions: 3, retention_days: 0 } }\n",
      "f");
  ASSERT_THAT(loaded.errors, IsEmpty());
  const Settings& settings = loaded.settings;
  EXPECT_EQ(settings.data_dir, "/d");
  EXPECT_EQ(settings.plugin_dir, "/p");
  EXPECT_EQ(settings.admin.listen, "localhost:0");
  EXPECT_EQ(settings.log_level, "error");
  EXPECT_EQ(settings.log_format, LogFormat::kJson);
  EXPECT_EQ(settings.embedded_sync, Sync::kFull);
  EXPECT_EQ(settings.embedded_max_record_bytes, 4096u);
  EXPECT_EQ(settings.stream("any").partitions, 3u);
  EXPECT_EQ(settings.stream("any").retention_days, 0u);
}

TEST(Load, JsonIsRead) {
  const LoadedSettings loaded =
      parse_settings("{\n\t\"data_dir\": \"/d\",\n\t\"log\":\t{\"level\":\"warn\"}\n}\n", "f");
  ASSERT_THAT(loaded.errors, IsEmpty());
  EXPECT_EQ(loaded.settings.data_dir, "/d");
  EXPECT_EQ(loaded.settings.log_level, "warn");
}

TEST(Load, AllErrorsComeAtOnceInFileOrderWithTheirPlaces) {
  EXPECT_THAT(findings("streams:\n  transprt: embedded\ndata_dir: [1]\nlog: { level: loud, format: 3 }\n"),
              ElementsAre("f:2:3: streams.transprt: unknown key; did you mean transport?",
                          "f:3:11: data_dir: expected a text, found a list",
                          "f:4:15: log.level: expected debug, info, warn or error, found loud",
                          HasSubstr("f:4:29: log.format: expected text or json, found 3")));
}

TEST(Load, ColumnsAreRightInCrlfFilesAndAfterAByteOrderMark) {
  EXPECT_THAT(findings("\xEF\xBB\xBF"
                       "data_dir: /d\r\nlog:\r\n  level: loud\r\n"),
              ElementsAre(HasSubstr("f:3:10: log.level")));
}

TEST(Load, AMissingValueIsReportedAtItsKey) {
  EXPECT_THAT(
      findings("functions:\n  a:\n    timeout_ms:\n    unit_ms: 3\n"),
      ElementsAre("f:3:5: functions[\"a\"].timeout_ms: expected an integer from 0 to 86400000 ms, found nothing; "
                  "leave the key out for the default"));
}

TEST(Load, WhatIsToBeMaskedIsNamedByPointers) {
  EXPECT_THAT(findings("functions: { a: { redact: [card] } }"),
              ElementsAre("f:1:27: functions[\"a\"].redact: expected JSON pointers, such as /card/number, found card"));
  const Settings settings = parse_settings(
                                "functions: { 'a*': { redact: [/x, /y] } }\n"
                                "dead_letter_queues: { Q: { redact: [/y, /z] } }",
                                "f")
                                .settings;
  EXPECT_THAT(settings.redact("ab", "Q"), ElementsAre("/y", "/z", "/x"));
  EXPECT_THAT(settings.redact("b", "R"), testing::IsEmpty());
}

TEST(Load, AKeyGivenTwiceIsAnErrorThatNamesTheFirst) {
  EXPECT_THAT(findings("data_dir: a\nlog: {}\ndata_dir: b\n"),
              ElementsAre("f:3:1: data_dir: given twice, first in line 1; remove one of them"));
}

TEST(Load, IntegersAreTakenLiterally) {
  const auto timeout = [](const std::string& value) {
    return findings("functions: { a: { timeout_ms: " + value + " } }");
  };
  EXPECT_THAT(timeout("86400000"), IsEmpty());
  EXPECT_THAT(timeout("+5"), IsEmpty());
  for (const char* wrong :
       {"86400001", "-1", "1.0", "1e3", "0x10", "10_000", "true", "'5'", "[]", "99999999999999999999"}) {
    EXPECT_THAT(timeout(wrong), ElementsAre(HasSubstr("expected an integer from 0 to 86400000 ms, found"))) << wrong;
  }
}

TEST(Load, LoopsOfAliasesEnd) {
  EXPECT_THAT(findings("functions: { a: { config: &c { again: *c } } }"), ElementsAre(HasSubstr("at most 32 levels")));
}

TEST(Load, AliasesThatMultiplyAreCutShort) {
  std::string text = "functions:\n  a:\n    config:\n      l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string before = "*l" + std::to_string(i - 1);
    text += "      l" + std::to_string(i) + ": &l" + std::to_string(i) + " [" + before;
    for (int j = 1; j < 10; ++j) text += ", " + before;
    text += "]\n";
  }
  EXPECT_THAT(findings(text), ElementsAre(HasSubstr("100000 values")));
}

TEST(Load, DeepNestingIsAFinding) {
  EXPECT_EQ(findings(std::string(100'000, '[')).size(), 1u);
  EXPECT_EQ(
      findings("functions: { a: { config: { x: " + std::string(200, '[') + std::string(200, ']') + " } } }").size(),
      1u);
}

TEST(Load, MissingFilesAndFoldersAreSaid) {
  EXPECT_EQ(test::messages(load_settings("/nowhere/eddy.yaml")),
            std::vector<std::string>{"/nowhere/eddy.yaml: cannot be read: No such file or directory; give a "
                                     "configuration file with -c"});
  EXPECT_THAT(test::messages(load_settings("/")), ElementsAre(HasSubstr("/: cannot be read: Is a directory")));
}

TEST(Load, AnUnknownKeyOfAnotherSectionIsSentThere) {
  EXPECT_THAT(findings("dead_letter_queues: { q: { timeout_ms: 3 } }"),
              ElementsAre(HasSubstr("it belongs to a section of functions")));
}

}  // namespace
}  // namespace eddy::host
