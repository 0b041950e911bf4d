// SPDX-License-Identifier: Apache-2.0
// What is synced when, what a full disk does, and how far the log grows. The system's calls are watched from below
// SQLite.
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "store_fixture.h"

namespace {

std::atomic<int> g_syncs = 0;
std::atomic<bool> g_disk_full = false;

ssize_t write_unless_full(int file, const void* bytes, size_t size, off_t offset) {
  if (g_disk_full) {
    errno = ENOSPC;
    return -1;
  }
  return ::pwrite(file, bytes, size, offset);
}

}  // namespace

// Stands in front of the C library's for the whole program, SQLite included.
extern "C" int fdatasync(int file) {
  ++g_syncs;
  return static_cast<int>(::syscall(SYS_fdatasync, file));
}

namespace eddy::host::embedded {

class DurabilityTest : public StoreTest {
 protected:
  ~DurabilityTest() override {
    g_disk_full = false;
    sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
    vfs->xSetSystemCall(vfs, nullptr, nullptr);
  }
  static void watch_writes() {
    sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
    const auto call = reinterpret_cast<sqlite3_syscall_ptr>(write_unless_full);
    ASSERT_EQ(vfs->xSetSystemCall(vfs, "pwrite", call), SQLITE_OK);
    ASSERT_EQ(vfs->xSetSystemCall(vfs, "pwrite64", call), SQLITE_OK);
  }
  int syncs_of_a_unit(Session& session, StreamId to) {
    const int before = g_syncs;
    EXPECT_TRUE(session.write(to, {{}, "x", {}, 1, {}}).ok());
    EXPECT_TRUE(session.commit().ok());
    return g_syncs - before;
  }
};

TEST_F(DurabilityTest, AppendsAreSyncedAndUnitsAreNot) {
  auto store = open();
  const StreamId stream = *store->ensure_stream({"s", 1, 7});
  auto session = *store->open_session({"g", "s", 0, 1});
  for (int i = 0; i < 3; ++i) {
    const int before = g_syncs;
    append_values(*store, stream, {"x"});
    EXPECT_GE(g_syncs - before, 1);
    EXPECT_EQ(syncs_of_a_unit(*session, stream), 0);
  }
}

TEST_F(DurabilityTest, UnitsAreSyncedWhenAskedFor) {
  options_.sync_full = true;
  auto store = open();
  const StreamId stream = *store->ensure_stream({"s", 1, 7});
  auto session = *store->open_session({"g", "s", 0, 1});
  for (int i = 0; i < 3; ++i) EXPECT_GE(syncs_of_a_unit(*session, stream), 1);
}

TEST_F(DurabilityTest, AnAppendOfNoRecordsSyncsTheUnitsBeforeIt) {
  auto store = open();
  const StreamId stream = *store->ensure_stream({"s", 1, 7});
  auto session = *store->open_session({"g", "s", 0, 1});
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(syncs_of_a_unit(*session, stream), 0);
    const int before = g_syncs;
    ASSERT_TRUE(store->append(stream, {}).ok());
    EXPECT_EQ(g_syncs - before, 1);
    ASSERT_TRUE(store->append(stream, {}).ok());
    EXPECT_EQ(g_syncs - before, 1) << "there is nothing more to sync";
  }
  EXPECT_EQ(poll_values(*session).size(), 3u) << "it is no record";
}

TEST_F(DurabilityTest, AFullDiskKeepsTheUnitForAnotherTry) {
  watch_writes();
  auto store = open();
  const StreamId stream = *store->ensure_stream({"s", 1, 7});
  append_values(*store, stream, {"in"});
  auto session = *store->open_session({"g", "s", 0, 1});
  ASSERT_EQ(poll_values(*session).size(), 1u);
  ASSERT_TRUE(session->write(stream, {{}, "out", {}, 1, {}}).ok());
  g_disk_full = true;
  for (int i = 0; i < 2; ++i) {
    const auto done = session->commit();
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().code, Code::kUnavailable);
    EXPECT_THAT(done.error().text, testing::HasSubstr("disk is full"));
  }
  EXPECT_EQ(store->positions("g", "s")->front().tally.delivered, 0u);
  ASSERT_TRUE(session->write(stream, {{}, "and more", {}, 1, {}}).ok());
  g_disk_full = false;
  const auto done = session->commit();
  ASSERT_TRUE(done.ok()) << done.error().text;
  EXPECT_EQ(store->positions("g", "s")->front().tally.delivered, 1u);
  EXPECT_THAT(poll_values(*session), testing::ElementsAre("out", "and more"));
}

TEST_F(DurabilityTest, AFullDiskRefusesAnAppendWhole) {
  watch_writes();
  auto store = open();
  const StreamId stream = *store->ensure_stream({"s", 1, 7});
  g_disk_full = true;
  const OutRecord record{{}, "x", {}, 1, {}};
  EXPECT_EQ(store->append(stream, {&record, 1}).error().code, Code::kUnavailable);
  g_disk_full = false;
  append_values(*store, stream, {"y"});
  auto session = *store->open_session({"g", "s", 0, 1});
  EXPECT_THAT(poll_values(*session), testing::ElementsAre("y"));
}

TEST_F(DurabilityTest, TheLogStaysSmall) {
  auto store = open();
  const StreamId stream = *store->ensure_stream({"s", 1, 7});
  auto session = *store->open_session({"g", "s", 0, 1});
  const std::string value(1 << 20, 'x');
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(session->write(stream, {{}, value, {}, 1, {}}).ok());
    ASSERT_TRUE(session->commit().ok());
  }
  EXPECT_LT(std::filesystem::file_size(file("eddy.db-wal")), 40u << 20);
}

TEST_F(DurabilityTest, TheLogShrinksAfterAReaderThatHeldIt) {
  auto store = open();
  const StreamId stream = *store->ensure_stream({"s", 1, 7});
  auto session = *store->open_session({"g", "s", 0, 1});
  const std::string value(1 << 20, 'x');
  const auto write_units = [&](int units) {
    for (int i = 0; i < units; ++i) {
      ASSERT_TRUE(session->write(stream, {{}, value, {}, 1, {}}).ok());
      ASSERT_TRUE(session->commit().ok());
    }
  };
  sqlite3* reader = nullptr;
  ASSERT_EQ(sqlite3_open(file("eddy.db").c_str(), &reader), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM meta", nullptr, nullptr, nullptr), SQLITE_OK);
  write_units(120);
  EXPECT_GT(std::filesystem::file_size(file("eddy.db-wal")), 100u << 20);
  sqlite3_close(reader);
  write_units(120);
  EXPECT_LT(std::filesystem::file_size(file("eddy.db-wal")), 70u << 20);
}

}  // namespace eddy::host::embedded
