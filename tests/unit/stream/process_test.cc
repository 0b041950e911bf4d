// SPDX-License-Identifier: Apache-2.0
// More than one process on one data directory, and processes that die.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <random>
#include <thread>

#include "store_fixture.h"

namespace eddy::host::embedded {

namespace {

constexpr std::uint32_t kPartitions = 3;
constexpr std::size_t kRecords = 210'000;
// A copier that does no more before it is killed needs some thirty lives, however fast the machine is.
constexpr int kUnitsOfALife = 20;

EmbeddedOptions tool_options(const EmbeddedOptions& options) {
  EmbeddedOptions tool = options;
  tool.exclusive = false;
  return tool;
}

// Copies "source" to "out", partition by partition, in units of changing size; writes a byte to `progress` after each
// commit. Returns 0 when there is no more.
int copy_until_end(const EmbeddedOptions& options, int progress, unsigned seed) {
  auto store = open_embedded(options);
  if (!store) return 1;
  auto session = (*store)->open_session({"copy", "source", 0, 1});
  const auto out = (*store)->find_stream("out");
  if (!session || !out) return 2;
  std::mt19937 random(seed);
  for (int unit = 0; unit < kUnitsOfALife; ++unit) {
    auto polled = (*session)->poll(std::chrono::milliseconds(0), 50 + random() % 550);
    if (!polled) return 3;
    if (polled->empty()) return 0;
    for (const Record& record : *polled) {
      if (!(*session)->write(*out, {record.key, record.value, record.headers, 1, record.partition})) return 4;
      (*session)->end(record, random() % 10 == 0 ? Outcome::kDeadLettered : Outcome::kDelivered);
    }
    if (random() % 10 == 0 ? !(*session)->abort() : !(*session)->commit()) return 5;
    if (::write(progress, "c", 1) != 1) return 6;
  }
  for (;;) ::pause();
}

// Kills the copying process after a number of its commits. True when it had come to the end before.
bool copy_and_kill(const EmbeddedOptions& options, unsigned seed) {
  std::mt19937 random(seed);
  int progress[2];
  EXPECT_EQ(::pipe(progress), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(progress[0]);
    ::_exit(copy_until_end(options, progress[1], seed));
  }
  ::close(progress[1]);
  // Then a moment that nothing announces, somewhere in the life of the next units.
  char byte = 0;
  bool ended = false;
  for (unsigned commits = random() % 12; commits > 0 && !ended; --commits) ended = ::read(progress[0], &byte, 1) <= 0;
  std::this_thread::sleep_for(std::chrono::microseconds(random() % 3000));
  if (!ended) ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(progress[0]);
  if (WIFSIGNALED(status)) return false;
  EXPECT_EQ(WEXITSTATUS(status), 0);
  return true;
}

// Appends while other processes do. SQLite's lock is not handed on in turn: who finds it taken again and again, until
// its patience is over, comes again. Who gives up sooner has not waited.
bool append_among_others(Transport& store, StreamId stream) {
  const OutRecord record{{}, "x", {}, 1, {}};
  for (;;) {
    const auto begin = std::chrono::steady_clock::now();
    if (store.append(stream, {&record, 1})) return true;
    if (std::chrono::steady_clock::now() - begin < std::chrono::seconds(5)) return false;
  }
}

}  // namespace

class ProcessTest : public StoreTest {
 protected:
  void fill_source() {
    auto store = open();
    const StreamId source = *store->ensure_stream({"source", kPartitions, 7});
    ASSERT_TRUE(store->ensure_stream({"out", kPartitions, 7}).ok());
    auto session = *store->open_session({"fill", "out", 0, 1});
    for (std::size_t i = 0; i < kRecords; ++i) {
      const std::string value = std::to_string(i / kPartitions);
      ASSERT_TRUE(session->write(source, {{}, value, {}, 1, static_cast<std::uint32_t>(i % kPartitions)}).ok());
      if (i % 2000 == 0) {
        ASSERT_TRUE(session->commit().ok());
      }
    }
    ASSERT_TRUE(session->commit().ok());
  }

  void expect_each_once_in_order() {
    auto store = open();
    auto reader = *store->open_session({"check", "out", 0, 1});
    std::map<std::uint32_t, std::size_t> next;
    for (;;) {
      const auto polled = reader->poll(std::chrono::milliseconds(0), 10'000);
      ASSERT_TRUE(polled.ok()) << polled.error().text;
      if (polled->empty()) break;
      for (const Record& record : *polled) {
        ASSERT_EQ(record.value.view(), std::to_string(next[record.partition]++)) << "partition " << record.partition;
      }
    }
    for (std::uint32_t partition = 0; partition < kPartitions; ++partition) {
      EXPECT_EQ(next[partition], kRecords / kPartitions);
    }
    std::size_t tallied = 0;
    const auto positions = store->positions("copy", "source");
    for (const Position& position : *positions) {
      EXPECT_EQ(position.committed, position.end);
      tallied += position.tally.delivered + position.tally.dead_lettered;
    }
    EXPECT_EQ(tallied, kRecords);
  }
};

TEST_F(ProcessTest, EveryRecordOnceThoughTheCopierIsKilledAgainAndAgain) {
  fill_source();
  if (HasFatalFailure()) return;
  int kills = 0;
  unsigned round = 0;
  while (!copy_and_kill(options_, round++)) ++kills;
  RecordProperty("kills", kills);
  EXPECT_GE(kills, 25);
  expect_each_once_in_order();
}

TEST_F(ProcessTest, AnAppendOfAnotherProcessWakesAPoll) {
  open_tool()->ensure_stream({"s", 1, 7}).ok();
  int go[2];
  ASSERT_EQ(::pipe(go), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    char byte = 0;
    if (::read(go[0], &byte, 1) != 1) ::_exit(1);
    auto store = open_embedded(tool_options(options_));
    if (!store) ::_exit(2);
    const OutRecord record{{}, "from the child", {}, 1, {}};
    ::_exit((*store)->append(*(*store)->find_stream("s"), {&record, 1}).ok() ? 0 : 3);
  }
  auto host = open();
  auto reader = *host->open_session({"g", "s", 0, 1});
  ASSERT_EQ(::write(go[1], "g", 1), 1);
  const auto polled = reader->poll(std::chrono::minutes(30), 10);
  ASSERT_TRUE(polled.ok());
  ASSERT_EQ(polled->size(), 1u);
  EXPECT_EQ(polled->front().value.view(), "from the child");
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  ::close(go[0]);
  ::close(go[1]);
}

TEST_F(ProcessTest, ADeadHostLeavesNoLock) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto store = open_embedded(options_);
    if (!store) ::_exit(1);
    ::raise(SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_NE(open(), nullptr);
}

TEST_F(ProcessTest, SeveralProcessesWriteAtOnce) {
  open_tool()->ensure_stream({"s", 1, 7}).ok();
  std::vector<pid_t> children;
  for (int i = 0; i < 3; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      auto store = open_embedded(tool_options(options_));
      if (!store) ::_exit(1);
      const StreamId stream = *(*store)->find_stream("s");
      for (int n = 0; n < 5; ++n) {
        if (!append_among_others(**store, stream)) ::_exit(2);
      }
      ::_exit(0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  auto store = open();
  auto reader = *store->open_session({"g", "s", 0, 1});
  EXPECT_EQ(poll_values(*reader).size(), 15u);
}

}  // namespace eddy::host::embedded
