// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "base/encoding.h"
#include "base/log_limiter.h"

namespace eddy::host {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class LogTest : public testing::Test {
 protected:
  void SetUp() override { testing::internal::CaptureStderr(); }
  void TearDown() override { configure_log({}); }
  std::string written() { return testing::internal::GetCapturedStderr(); }
};

TEST_F(LogTest, TextLinesHaveTimeLevelAndPlace) {
  configure_log({});
  log(LogLevel::kWarn, "mover", "slow");
  const std::string line = written();
  EXPECT_THAT(line, EndsWith(" warn mover: slow\n"));
  EXPECT_TRUE(from_rfc3339(std::string_view(line).substr(0, 27)).has_value());
}

TEST_F(LogTest, JsonLinesAreJsonWhateverTheTextHolds) {
  configure_log({"info", true});
  log(LogLevel::kError, "fn \"x\"", "two\nlines \xFF {}");
  log(LogLevel::kInfo, "", "");
  const std::string text = written();
  const auto newline = text.find('\n');
  const auto first = nlohmann::json::parse(text.substr(0, newline));
  EXPECT_EQ(first["level"], "error");
  EXPECT_EQ(first["function"], "fn \"x\"");
  EXPECT_EQ(first["message"], "two\nlines \xEF\xBF\xBD {}");
  EXPECT_TRUE(from_rfc3339(first["time"].get<std::string>()).has_value());
  EXPECT_FALSE(nlohmann::json::parse(text.substr(newline)).contains("function"));
}

TEST_F(LogTest, TextLinesStayOneLineAndCannotSteerATerminal) {
  log(LogLevel::kInfo, "f", "a\nb\x1B[2J\r{}");
  const std::string line = written();
  EXPECT_THAT(line, EndsWith("f: a\\nb [2J {}\n"));
}

TEST_F(LogTest, LevelsBelowTheConfiguredOneAreLeftOut) {
  configure_log({"warn", false});
  log(LogLevel::kDebug, "", "one");
  log(LogLevel::kInfo, "", "two");
  log(LogLevel::kWarn, "", "three");
  log(LogLevel::kError, "", "four");
  const std::string text = written();
  EXPECT_THAT(text, Not(HasSubstr("one")));
  EXPECT_THAT(text, Not(HasSubstr("two")));
  EXPECT_THAT(text, HasSubstr("warn three"));
  EXPECT_THAT(text, HasSubstr("error four"));
}

TEST_F(LogTest, LinesOfManyThreadsStayWhole) {
  configure_log({"info", true});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 50; ++i) log(LogLevel::kInfo, "thread", std::string(200, 'x'));
    });
  }
  for (auto& thread : threads) thread.join();
  std::istringstream lines(written());
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) EXPECT_TRUE(nlohmann::json::accept(line)) << line;
  EXPECT_EQ(count, 200);
}

TEST_F(LogTest, LimitedLinesStopAtTheirBurst) {
  for (int i = 0; i < 1000; ++i) log_limited(LogLevel::kInfo, "f", "LogTest.limited", "same", 2);
  const std::string text = written();
  const auto lines = std::count(text.begin(), text.end(), '\n');
  EXPECT_GE(lines, 2);
  EXPECT_LT(lines, 1000);
}

class LogLimiterTest : public testing::Test {
 protected:
  LogLimiter limiter;
  LogLimiter::Time now{};
};

TEST_F(LogLimiterTest, LetsABurstThroughAndCountsTheRest) {
  EXPECT_EQ(limiter.pass("key", 2, now), 0u);
  EXPECT_EQ(limiter.pass("key", 2, now), 0u);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(limiter.pass("key", 2, now), std::nullopt);
  now += std::chrono::seconds(1);
  EXPECT_EQ(limiter.pass("key", 2, now), 7u);
  EXPECT_EQ(limiter.pass("key", 2, now), 0u);
}

TEST_F(LogLimiterTest, KeysDoNotShareTheirBurst) {
  EXPECT_EQ(limiter.pass("a", 1, now), 0u);
  EXPECT_EQ(limiter.pass("b", 1, now), 0u);
  EXPECT_EQ(limiter.pass("a", 1, now), std::nullopt);
}

TEST_F(LogLimiterTest, ManyKeysDoNotPushOutOneThatOwesACount) {
  limiter.pass("loud", 1, now);
  limiter.pass("loud", 1, now);
  now += std::chrono::seconds(2);
  for (int i = 0; i < 3000; ++i) limiter.pass("quiet " + std::to_string(i), 1, now);
  now += std::chrono::seconds(2);
  for (int i = 0; i < 3000; ++i) limiter.pass("other " + std::to_string(i), 1, now);
  EXPECT_EQ(limiter.pass("loud", 1, now), 1u);
}

}  // namespace
}  // namespace eddy::host
