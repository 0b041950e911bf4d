// SPDX-License-Identifier: Apache-2.0
#include "guard/journal.h"

#include <gmock/gmock.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "guard/journal_file.h"
#include "unit/guard/support.h"

namespace eddy::host {

void PrintTo(const Suspect& suspect, std::ostream* out) {
  *out << suspect.function << '/' << suspect.partition << '/' << suspect.offset << " x" << suspect.deaths;
}

namespace testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A suspect of the function that was asked for.
::testing::Matcher<Suspect> is_suspect(std::uint32_t partition, std::int64_t offset, std::uint32_t deaths) {
  return ::testing::AllOf(::testing::Field(&Suspect::partition, partition), ::testing::Field(&Suspect::offset, offset),
                          ::testing::Field(&Suspect::deaths, deaths));
}

class JournalTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "journal_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    path_ = folder_ + "/attempts";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<Journal> open() const {
    auto journal = Journal::open(path_);
    if (journal) return *std::move(journal);
    ADD_FAILURE() << journal.error().text;
    return nullptr;
  }

  static JournalCell* acquire(Journal& journal, std::string_view function, std::uint32_t worker = 0) {
    auto cell = journal.acquire(function, worker);
    if (cell) return *cell;
    ADD_FAILURE() << cell.error().text;
    return nullptr;
  }

  // A process that opens the journal, does this, and is killed as by the OOM killer.
  void in_killed_process(const std::function<void(Journal&)>& body) const {
    const int status = in_child([&] {
      auto journal = open();
      body(*journal);
      raise(SIGKILL);
    });
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  }

  void write(std::string_view bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }
  std::string read() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string folder_;
  std::string path_;
};

TEST_F(JournalTest, ARecordThatWasInACallWhenTheProcessDiedIsASuspect) {
  in_killed_process([](Journal& journal) {
    acquire(journal, "to_upper")->begin(3, 41);
    JournalCell* done = acquire(journal, "to_upper", 1);
    done->begin(4, 7);
    done->end();
    acquire(journal, "other")->begin(0, 5);
  });
  auto journal = open();
  EXPECT_THAT(journal->suspects("to_upper"), ElementsAre(is_suspect(3, 41, 1)));
  EXPECT_THAT(journal->suspects("other"), ElementsAre(is_suspect(0, 5, 1)));
  EXPECT_THAT(journal->suspects("unknown"), IsEmpty());
  EXPECT_EQ(journal->warning(), "");
}

TEST_F(JournalTest, CountsTheDeathsOfARecord) {
  for (int i = 0; i < 3; ++i) in_killed_process([](Journal& journal) { acquire(journal, "f")->begin(0, 9); });
  EXPECT_THAT(open()->suspects("f"), ElementsAre(is_suspect(0, 9, 3)));
}

TEST_F(JournalTest, OpeningIsNotADeath) {
  in_killed_process([](Journal& journal) { acquire(journal, "f")->begin(0, 9); });
  for (int i = 0; i < 3; ++i) EXPECT_THAT(open()->suspects("f"), ElementsAre(is_suspect(0, 9, 1)));
  in_killed_process([](Journal&) {});
  EXPECT_THAT(open()->suspects("f"), ElementsAre(is_suspect(0, 9, 1)));
}

TEST_F(JournalTest, SuspectsStayUntilForgotten) {
  in_killed_process([](Journal& journal) {
    acquire(journal, "f", 0)->begin(0, 1);
    acquire(journal, "f", 1)->begin(1, 2);
  });
  in_killed_process([](Journal& journal) {
    journal.forget("f", 0, 1);
    journal.forget("f", 0, 999);
  });
  EXPECT_THAT(open()->suspects("f"), ElementsAre(is_suspect(1, 2, 1)));
}

TEST_F(JournalTest, AReleasedCellIsEvidenceOfNothing) {
  in_killed_process([](Journal& journal) {
    JournalCell* cell = acquire(journal, "f");
    cell->begin(0, 1);
    journal.release(cell);
  });
  EXPECT_THAT(open()->suspects("f"), IsEmpty());
}

TEST_F(JournalTest, ACallThatAnOrderlyEndCutsShortIsNoDeath) {
  in_killed_process([](Journal& journal) {
    acquire(journal, "slow")->begin(0, 1);
    acquire(journal, "guilty")->begin(0, 2);
    journal.release(acquire(journal, "gone"));
    journal.end_calls([](std::string_view function) { return function != "guilty"; });
  });
  EXPECT_THAT(open()->suspects("slow"), IsEmpty());
  EXPECT_THAT(open()->suspects("guilty"), ElementsAre(is_suspect(0, 2, 1)));
}

TEST_F(JournalTest, GrowsWithItsWorkers) {
  in_killed_process([](Journal& journal) {
    for (std::uint32_t i = 0; i < 300; ++i) acquire(journal, "f", i)->begin(i, i);
  });
  auto journal = open();
  EXPECT_THAT(journal->suspects("f"), SizeIs(300));
  for (std::uint32_t i = 0; i < 300; ++i) journal->forget("f", i, i);
  journal.reset();
  EXPECT_THAT(open()->suspects("f"), IsEmpty());
}

// Killed by its parent at whatever instant it happens to be.
TEST_F(JournalTest, SurvivesAKillAtAnyInstant) {
  for (int round = 0; round < 20; ++round) {
    int ready[2];
    ASSERT_EQ(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
      auto journal = open();
      JournalCell* cell = acquire(*journal, "f");
      for (std::int64_t i = 0;; ++i) {
        cell->begin(1, 1000 + i);
        cell->end();
        if (i == round * 37 && ::write(ready[1], "x", 1) != 1) _exit(1);
        JournalCell* other = acquire(*journal, "g", 1);
        journal->release(other);
      }
    }
    char byte = 0;
    ASSERT_EQ(::read(ready[0], &byte, 1), 1);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    close(ready[0]);
    close(ready[1]);
    auto journal = open();
    ASSERT_EQ(journal->warning(), "");
    for (const Suspect& suspect : journal->suspects("f")) {
      EXPECT_EQ(suspect.partition, 1U);
      EXPECT_GE(suspect.offset, 1000);
      journal->forget("f", suspect.partition, suspect.offset);
    }
    EXPECT_THAT(journal->suspects("g"), IsEmpty());
  }
}

TEST_F(JournalTest, AFileOfAnotherKindIsMovedAside) {
  write(std::string(8192, 'x'));
  auto journal = open();
  EXPECT_THAT(journal->warning(), HasSubstr("expected a file that starts with EDDYJRNL, found another kind of file"));
  EXPECT_THAT(journal->warning(), HasSubstr("moved to " + path_ + ".damaged"));
  EXPECT_EQ(std::filesystem::file_size(path_ + ".damaged"), 8192U);
  EXPECT_THAT(journal->suspects("f"), IsEmpty());
  EXPECT_NE(acquire(*journal, "f"), nullptr);
}

TEST_F(JournalTest, NoEvidenceIsOverwritten) {
  for (const char* name : {".damaged", ".damaged-2", ".damaged-3"}) {
    write("short");
    EXPECT_THAT(open()->warning(), HasSubstr("at least 4096 bytes, found 5"));
    EXPECT_TRUE(std::filesystem::exists(path_ + name));
  }
}

TEST_F(JournalTest, AnEmptyFileIsANewJournal) {
  write("");
  EXPECT_EQ(open()->warning(), "");
}

// Any byte may be damaged and the file may end anywhere: never a crash, never a suspect that was not.
TEST_F(JournalTest, DamageIsFoundOrHarmless) {
  in_killed_process([](Journal& journal) { acquire(journal, "f")->begin(0, 9); });
  const std::string sound = read();
  ASSERT_THAT(read_journal(sound).suspects, SizeIs(1));
  // Each byte of the header and of the cell in use, some of the rest.
  for (std::size_t at = 0; at < sound.size(); at += at < 24 || (at >= 4032 && at < 4608) ? 1 : 61) {
    std::string damaged = sound;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x5a);
    const JournalContent content = read_journal(damaged);
    EXPECT_TRUE(at >= 24 || !content.problem.empty()) << "header byte " << at;
    EXPECT_TRUE(content.problem.empty() || content.suspects.empty()) << at;
    EXPECT_LE(read_journal(std::string_view(sound).substr(0, at)).suspects.size(), 1U) << at;
  }
  EXPECT_THAT(read_journal(sound.substr(0, 4095)).problem, HasSubstr("at least 4096 bytes, found 4095"));
  std::string damaged = sound;
  damaged[8] = 2;
  EXPECT_THAT(read_journal(damaged).problem, HasSubstr("its header's checksum is wrong"));
  damaged = sound;
  damaged[4096] = 7;
  EXPECT_THAT(read_journal(damaged).problem, HasSubstr("the cell at byte 4096 is damaged"));
  write(damaged);
  EXPECT_THAT(open()->warning(), HasSubstr("the cell at byte 4096 is damaged; moved to "));
}

TEST_F(JournalTest, RefusesANameThatDoesNotFit) {
  auto journal = open();
  const auto refused = journal->acquire(std::string(257, 'f'), 0);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().text, HasSubstr("1 to 256 bytes, found 257"));
  EXPECT_TRUE(journal->acquire(std::string(256, 'f'), 0).ok());
}

TEST_F(JournalTest, AFolderThatIsNotThereIsAnError) {
  const auto journal = Journal::open(folder_ + "/none/attempts");
  ASSERT_FALSE(journal.ok());
  EXPECT_THAT(journal.error().text, HasSubstr("/none/attempts.new: cannot create it: No such file or directory"));
}

}  // namespace
}  // namespace testing
}  // namespace eddy::host
