// SPDX-License-Identifier: Apache-2.0
// What opening refuses, and the words it does it with.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>

#include "store_fixture.h"

namespace eddy::host::embedded {

using testing::AllOf;
using testing::HasSubstr;

namespace {

// What a child process returns from `body`.
int run_in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_F(StoreTest, RefusesASecondHostAndNamesTheFirst) {
  auto first = open();
  const auto second = open_embedded(options_);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, Code::kUnavailable);
  EXPECT_THAT(second.error().text, AllOf(HasSubstr(data_dir_), HasSubstr("process " + std::to_string(::getpid()))));
  first.reset();
  EXPECT_NE(open(), nullptr);
}

TEST_F(StoreTest, LetsToolsInBesideAHost) {
  auto host = open();
  const StreamId stream = *host->ensure_stream({"s", 1, 7});
  auto tool = open_tool();
  append_values(*tool, *tool->find_stream("s"), {"from the tool"});
  append_values(*host, stream, {"from the host"});
  auto reader = *tool->open_session({"g", "s", 0, 1});
  EXPECT_THAT(poll_values(*reader), testing::ElementsAre("from the tool", "from the host"));
}

TEST_F(StoreTest, ToolsSeeStreamsMadeAfterThem) {
  auto tool = open_tool();
  EXPECT_FALSE(tool->find_stream("late").ok());
  auto host = open();
  ASSERT_TRUE(host->ensure_stream({"late", 2, 7}).ok());
  EXPECT_TRUE(tool->find_stream("late").ok());
}

TEST_F(StoreTest, RefusesAFileThatIsNoDatabase) {
  std::ofstream(file("eddy.db")) << std::string(10'000, 'x');
  const auto opened = open_embedded(options_);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, Code::kCorrupt);
  EXPECT_THAT(opened.error().text, AllOf(HasSubstr("eddy.db"), HasSubstr("move the file away")));
}

TEST_F(StoreTest, RefusesADatabaseOfSomebodyElseAndLeavesItAlone) {
  sql("CREATE TABLE theirs(x)");
  const auto opened = open_embedded(options_);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, Code::kCorrupt);
  EXPECT_THAT(opened.error().text, HasSubstr("not Eddy's"));
  EXPECT_EQ(sql("PRAGMA journal_mode"), "delete");
}

TEST_F(StoreTest, RefusesANewerFormat) {
  open().reset();
  sql("UPDATE meta SET value = 3 WHERE name = 'format'");
  const auto opened = open_embedded(options_);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, Code::kRefused);
  EXPECT_THAT(opened.error().text, AllOf(HasSubstr("format 3"), HasSubstr("formats 1 to 2"), HasSubstr("eddy.db")));
}

TEST_F(StoreTest, BringsAFileOfFormat1UpToDate) {
  {
    auto store = open();
    const StreamId stream = *store->ensure_stream({"s", 1, 7});
    ASSERT_TRUE(store->append(stream, std::vector<OutRecord>(5)).ok());
  }
  sql("DROP TABLE position");
  sql("CREATE TABLE position(consumer TEXT, stream INTEGER, partition INTEGER, committed INTEGER NOT NULL,"
      "  delivered INTEGER NOT NULL, filtered INTEGER NOT NULL, dead_lettered INTEGER NOT NULL,"
      "  PRIMARY KEY(consumer, stream, partition)) WITHOUT ROWID");
  sql("INSERT INTO position VALUES('g', 1, 0, 4, 1, 2, 3)");
  sql("UPDATE meta SET value = 1 WHERE name = 'format'");
  auto store = open();
  const Position position = store->positions("g", "s")->front();
  EXPECT_EQ(position.committed, 4);
  EXPECT_EQ(position.tally, (Tally{1, 2, 3, 0}));
  auto session = *store->open_session({"g", "s", 0, 1});
  const auto polled = session->poll(std::chrono::milliseconds(0), 10);
  ASSERT_EQ(polled->size(), 1u);
  EXPECT_EQ(polled->front().offset, 4);
  EXPECT_EQ(sql("SELECT value FROM meta WHERE name = 'format'"), "2");
}

TEST_F(StoreTest, SaysWhyADirectoryCannotBeMade) {
  std::ofstream(file("taken")) << "a file";
  options_.data_dir = file("taken");
  const auto opened = open_embedded(options_);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, Code::kConfig);
  EXPECT_THAT(opened.error().text, AllOf(HasSubstr(file("taken")), HasSubstr("data_dir")));
}

TEST_F(StoreTest, SaysThatADirectoryCannotBeWritten) {
  open().reset();
  ASSERT_EQ(::chmod(data_dir_.c_str(), 0555), 0);
  for (const char* name : {"eddy.db", "eddy.lock", "eddy.wake"}) ASSERT_EQ(::chmod(file(name).c_str(), 0444), 0);
  const int code = run_in_child([&] {
    if (::geteuid() == 0 && ::setuid(65'534) != 0) return 2;  // nobody: root may write anywhere
    const auto opened = open_embedded(options_);
    if (opened.ok() || opened.error().code != Code::kConfig) return 3;
    return opened.error().text.find("must be able to write") != std::string::npos ? 0 : 4;
  });
  EXPECT_EQ(code, 0);
  ASSERT_EQ(::chmod(data_dir_.c_str(), 0755), 0);
}

TEST_F(StoreTest, MakesTheDirectoryAndKeepsWhatIsInIt) {
  options_.data_dir = file("a/b");
  auto store = open();
  append_values(*store, *store->ensure_stream({"s", 1, 7}), {"x"});
  store.reset();
  store = open();
  auto reader = *store->open_session({"g", "s", 0, 1});
  EXPECT_THAT(poll_values(*reader), testing::ElementsAre("x"));
}

TEST_F(StoreTest, OpensTogetherInManyProcesses) {
  options_.exclusive = false;
  std::vector<pid_t> children;
  for (int i = 0; i < 6; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      auto opened = open_embedded(options_);
      ::_exit(opened.ok() && (*opened)->ensure_stream({"s", 3, 7}).ok() ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(open()->positions("g", "s")->size(), 3u);
}

TEST_F(StoreTest, SessionsOutliveTheTransport) {
  auto store = open();
  append_values(*store, *store->ensure_stream({"s", 1, 7}), {"x"});
  auto reader = *store->open_session({"g", "s", 0, 1});
  store.reset();
  EXPECT_THAT(poll_values(*reader), testing::ElementsAre("x"));
  EXPECT_TRUE(reader->commit().ok());
}

}  // namespace eddy::host::embedded
