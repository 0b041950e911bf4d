// SPDX-License-Identifier: Apache-2.0
// The index holds nothing of its own: whatever happens to its file, it comes back the same.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <random>
#include <thread>

#include "unit/triage/triage_fixture.h"

namespace eddy::host {
namespace {

class RebuildTest : public TriageTest {
 protected:
  // Letters in every state, some of several versions.
  void fill(int letters) {
    std::mt19937 random(7);
    std::vector<std::string> ids;
    for (int i = 0; i < letters; ++i) {
      ids.push_back(put({.type = "type" + std::to_string(random() % 9),
                         .version = "1." + std::to_string(random() % 2),
                         .failed_us = kNow - static_cast<std::int64_t>(random() % 3000) * kMinute,
                         .key = std::to_string(i)}));
    }
    for (int i = 0; i < letters; i += 3) {
      if (i % 2 == 0) fail_again(ids[static_cast<std::size_t>(i)], {.type = "again", .failed_us = kNow - kMinute + i});
      set_state(ids[static_cast<std::size_t>(i)], static_cast<LetterState>(1 + random() % 3), random() % 2, kMinute);
    }
  }
  std::string rebuilt() {
    const std::string copy = data_dir_ + "/copy";
    std::filesystem::create_directory(copy);
    auto fresh = *TriageIndex::open(copy, *transport_, "embedded", clock_);
    catch_up(*fresh);
    const std::string text = everything(*fresh);
    fresh.reset();
    std::filesystem::remove_all(copy);
    return text;
  }
};

TEST_F(RebuildTest, StepByStepAndAtOnceAreTheSame) {
  for (int round = 0; round < 3; ++round) {
    fill(40);
    EXPECT_EQ(everything(index()), rebuilt());
  }
}

TEST_F(RebuildTest, SurvivesTheLossOfItsFile) {
  fill(60);
  const std::string before = everything(index());
  std::filesystem::remove(file());  // its log stays behind
  EXPECT_EQ(everything(index()), before);
  index_.reset();
  std::filesystem::remove(file());
  EXPECT_EQ(everything(index()), before);
}

TEST_F(RebuildTest, SurvivesEveryDamageToItsFile) {
  fill(60);
  const std::string before = everything(index());
  const std::vector<std::function<void(std::uintmax_t)>> damages = {
      [&](std::uintmax_t) { std::filesystem::resize_file(file(), 0); },
      [&](std::uintmax_t size) { std::filesystem::resize_file(file(), size / 2); },
      [&](std::uintmax_t) { std::filesystem::resize_file(file(), 50); },
      [&](std::uintmax_t) {
        std::ofstream(file(), std::ios::trunc) << "this is not a database, but long enough" << std::string(5000, 'x');
      },
      [&](std::uintmax_t size) {
        std::fstream out(file(), std::ios::in | std::ios::out | std::ios::binary);
        out.seekp(4096);
        out << std::string(size - 8192, '\x5a');
      },
  };
  for (std::size_t i = 0; i < damages.size(); ++i) {
    SCOPED_TRACE(i);
    index_.reset();  // the log is in the file now
    damages[i](std::filesystem::file_size(file()));
    EXPECT_EQ(everything(index()), before);
  }
}

TEST_F(RebuildTest, SurvivesDamageWhileItIsOpen) {
  fill(60);
  const std::string before = everything(index());
  auto other = open_index();
  catch_up(*other);
  std::filesystem::resize_file(file(), 0);
  EXPECT_EQ(everything(index()), before);
  catch_up(*other);
  EXPECT_EQ(everything(*other), before);
}

TEST_F(RebuildTest, AnotherSourceOrVersionIsNotBelieved) {
  fill(20);
  const std::string before = everything(index());
  index_.reset();
  auto other = *TriageIndex::open(data_dir_, *transport_, "kafka elsewhere", clock_);
  EXPECT_THAT(other->groups("", all(), {})->groups, IsEmpty());
  other.reset();
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database, "DROP VIEW letters; UPDATE meta SET value = 999 WHERE name = 'format'", nullptr,
                         nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(database);
  EXPECT_EQ(everything(index()), before);
}

TEST_F(RebuildTest, TwoThatCatchUpAtOnceCountOnce) {
  fill(300);
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([this] {
      auto mine = open_index();
      for (int n = 0; n < 20; ++n) catch_up(*mine);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(everything(index()), rebuilt());
}

TEST_F(RebuildTest, SurvivesKill9InTheMiddleOfACatchUp) {
  fill(60);
  put_many(4000);  // of both partitions: four batches with that of the states
  const std::string whole = rebuilt();
  for (int batches = 1; batches <= 3; ++batches) {
    std::filesystem::remove(file());
    const pid_t child = ::fork();
    if (child == 0) {
      auto mine = TriageIndex::open(data_dir_, *transport_, "embedded", clock_);
      int seen = 0;
      const std::vector<std::string> queues = {"MovieDLQ"};
      static_cast<void>((*mine)->catch_up(queues, [&] {
        if (++seen > batches) ::raise(SIGKILL);
        return false;
      }));
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status));
    index_.reset();
    EXPECT_EQ(everything(index()), whole);
  }
}

TEST_F(RebuildTest, LookingConsumesNothing) {
  fill(30);
  const auto before = *transport_->positions("", "MovieDLQ");
  everything(index());
  ASSERT_TRUE(index().select("MovieDLQ", filter({{"match", "/id=1"}, {"state", "all"}})));
  EXPECT_EQ(*transport_->positions("", "MovieDLQ"), before);
  const auto session = *transport_->open_session({.group = "recover", .stream = "MovieDLQ"});
  std::size_t polled = 0;
  for (;;) {
    const auto records = *session->poll(std::chrono::milliseconds(0), 1000);
    if (records.empty()) break;
    polled += records.size();
    for (const Record& record : records) session->end(record, Outcome::kDelivered);
  }
  std::int64_t held = 0;
  for (const Position& position : before) held += position.end - position.begin;
  EXPECT_EQ(polled, static_cast<std::size_t>(held));
}

}  // namespace
}  // namespace eddy::host
