// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/temporary_folder.h"

namespace eddy::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kNow = 1'800'000'000 * kSecond;

class AuditLogTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TemporaryFolder::make();
    ASSERT_TRUE(made) << made.error().text;
    folder_.emplace(*std::move(made));
  }

  AuditLog log(std::uint64_t max_bytes = 1 << 20, std::uint32_t files = 3) const {
    return AuditLog(folder_->path(), {max_bytes, files});
  }

  static std::string append(const AuditLog& log, const std::string& action, AuditOutcome outcome = AuditOutcome::kDone,
                            const std::string& id = "", std::int64_t at = kNow, const std::string& who = "ann") {
    const auto done = log.append({.id = id,
                                  .who = who,
                                  .from = "10.0.0.1",
                                  .action = action,
                                  .parameters = {{"queue", "q"}},
                                  .outcome = outcome},
                                 at);
    EXPECT_TRUE(done) << done.error().text;
    return done ? *done : "";
  }

  static std::vector<std::string> actions(const AuditLog& log, const AuditFilter& filter = {}) {
    const auto read = log.read(filter);
    EXPECT_TRUE(read) << read.error().text;
    std::vector<std::string> all;
    if (!read) return all;
    for (const auto& entry : *read) all.push_back(entry["action"].get<std::string>());
    return all;
  }

  std::optional<TemporaryFolder> folder_;
};

TEST_F(AuditLogTest, WhatIsAppendedIsRead) {
  AuditEntry entry{.who = "ann",
                   .from = "10.0.0.1",
                   .action = "POST /a",
                   .parameters = {{"reason", "no \xff text"}},
                   .outcome = AuditOutcome::kFailed,
                   .status = 409,
                   .result = "not\nin that state"};
  const auto id = log().append(entry, kNow);
  ASSERT_TRUE(id) << id.error().text;
  const auto read = log().read({});
  ASSERT_TRUE(read) << read.error().text;
  ASSERT_EQ(read->size(), 1u);
  EXPECT_EQ(read->front().dump(),
            R"({"at":"2027-01-15T08:00:00.000000Z","id":")" + *id +
                R"(","who":"ann","from":"10.0.0.1","action":"POST /a","parameters":{"reason":"no )"
                "\xef\xbf\xbd"
                R"( text"},"outcome":"failed","status":409,"result":"not\nin that state"})");
}

TEST_F(AuditLogTest, NobodyElseMayReadTheFile) {
  append(log(), "POST /a");
  struct stat facts {};
  ASSERT_EQ(::stat(log().path().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
}

TEST_F(AuditLogTest, TheNewestComeFirstAndAnActionOnce) {
  const std::string first = append(log(), "one", AuditOutcome::kAsked, "", kNow);
  append(log(), "two", AuditOutcome::kAsked, "", kNow + 1);
  append(log(), "one", AuditOutcome::kDone, first, kNow + 2);
  EXPECT_THAT(actions(log()), ElementsAre("one", "two"));
  const auto read = log().read({});
  EXPECT_EQ((*read)[0]["outcome"], "done");
  EXPECT_EQ((*read)[1]["outcome"], "asked") << "nobody knows how it ended";
}

TEST_F(AuditLogTest, PagesAndFilters) {
  for (int i = 0; i < 5; ++i) {
    append(log(), i % 2 == 0 ? "POST /even" : "eddy put", AuditOutcome::kDone, "", kNow + i * kSecond,
           i == 3 ? "bob" : "ann");
  }
  EXPECT_EQ(actions(log(), {.limit = 2}).size(), 2u);
  EXPECT_EQ(actions(log(), {.who = "bob"}).size(), 1u);
  EXPECT_EQ(actions(log(), {.action = "POST *"}).size(), 3u);
  EXPECT_EQ(actions(log(), {.since_us = kNow + 3 * kSecond}).size(), 2u);
  const auto page = log().read({.limit = 2});
  ASSERT_EQ(page->size(), 2u);
  EXPECT_EQ(actions(log(), {.before = page->back()["at"].get<std::string>()}).size(), 3u);
}

TEST_F(AuditLogTest, ALineThatACrashCutOffIsPassedOver) {
  append(log(), "one");
  std::ofstream(log().path(), std::ios::app) << R"({"at":"2027-01-15T08:00:00Z","id":"1","acti)";
  append(log(), "two");
  EXPECT_THAT(actions(log()), ElementsAre("two", "one"));
  std::ofstream(log().path(), std::ios::app) << "[1]\n{\"at\":5,\"id\":[]}\n\n";
  EXPECT_THAT(actions(log()), ElementsAre("two", "one"));
}

TEST_F(AuditLogTest, OldFilesMakeRoom) {
  const AuditLog small = log(1000, 2);
  for (int i = 0; i < 40; ++i) append(small, "action " + std::to_string(i));
  EXPECT_TRUE(std::filesystem::exists(small.path() + ".1"));
  EXPECT_TRUE(std::filesystem::exists(small.path() + ".2"));
  EXPECT_FALSE(std::filesystem::exists(small.path() + ".3"));
  const auto all = actions(small, {.limit = 1000});
  ASSERT_GT(all.size(), 10u);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], "action " + std::to_string(39 - i));
}

TEST_F(AuditLogTest, LinesLongerThanAPieceOfTheFileAreWhole) {
  append(log(), "first");
  append(log(), std::string(200'000, 'x'));
  append(log(), "last");
  EXPECT_THAT(actions(log()), ElementsAre("last", std::string(200'000, 'x'), "first"));
}

TEST_F(AuditLogTest, WhoCannotWriteIsTold) {
  const AuditLog nowhere("/proc/eddy", {});
  const auto done = nowhere.append({.action = "a"}, kNow);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kUnavailable);
  EXPECT_THAT(done.error().text, HasSubstr("audit log /proc/eddy/audit.lock: cannot be opened"));
}

TEST_F(AuditLogTest, ManyWritersMixNoLines) {
  constexpr int kThreads = 4, kEach = 25;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this] {
      const AuditLog own = log(2000, 100);  // rotates all the time
      for (int each = 0; each < kEach; ++each) append(own, "action");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(actions(log(2000, 100), {.limit = 1000}).size(), std::size_t{kThreads} * kEach);
}

}  // namespace
}  // namespace eddy::host
