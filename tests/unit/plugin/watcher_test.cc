// SPDX-License-Identifier: Apache-2.0
// Real files and real events. Nothing sleeps: each test waits for what it expects, and hangs into ctest's limit
// otherwise.
#include "plugin/watcher.h"

#include <future>

#include "zoo.h"

namespace eddy::host {
namespace {

using std::chrono::milliseconds;

class WatcherTest : public testing::Test {
 protected:
  // Rescans are so rare that only events can bring a change.
  void open(milliseconds rescan = std::chrono::hours(1)) {
    Result<std::unique_ptr<Watcher>> opened =
        Watcher::open(directory_.path(), {.debounce = milliseconds(50), .rescan = rescan});
    ASSERT_TRUE(opened) << opened.error().text;
    watcher_ = *std::move(opened);
    ASSERT_TRUE(watcher_->list());
  }
  // Waits until the listing is this: name and size of each file.
  bool until(const std::vector<std::pair<std::string, std::uint64_t>>& expected) {
    for (;;) {
      const Result<std::vector<FileStamp>> listing = watcher_->wait(std::chrono::minutes(5));
      if (!listing) return false;
      std::vector<std::pair<std::string, std::uint64_t>> found;
      for (const FileStamp& stamp : *listing) found.emplace_back(fs::path(stamp.path).filename(), stamp.size);
      if (found == expected) return true;
    }
  }
  void in_place(const std::string& name, const std::string& bytes) const { std::ofstream(directory_ / name) << bytes; }

  TempDir directory_;
  std::unique_ptr<Watcher> watcher_;
};

TEST_F(WatcherTest, SeesACopiedFile) {
  open();
  in_place("a.so", "1");
  EXPECT_TRUE(until({{"a.so", 1}}));
}

TEST_F(WatcherTest, SeesAMovedFile) {
  open();
  directory_.write("a.so", "22");
  EXPECT_TRUE(until({{"a.so", 2}}));
  fs::rename(directory_ / "a.so", directory_ / "b.so");
  EXPECT_TRUE(until({{"b.so", 2}}));
}

TEST_F(WatcherTest, SeesASignature) {
  directory_.write("a.so", "1");
  open();
  directory_.write("a.so.sig", "22");
  for (bool seen = false; !seen;) {
    const Result<std::vector<FileStamp>> listing = watcher_->wait(std::chrono::minutes(5));
    ASSERT_TRUE(listing);
    seen = listing->at(0).signature.has_value();
  }
}

TEST_F(WatcherTest, SeesAFileUnlinkedAndWrittenAgain) {
  directory_.write("a.so", "1");
  open();
  fs::remove(directory_ / "a.so");
  in_place("a.so", "4444");
  EXPECT_TRUE(until({{"a.so", 4}}));
}

TEST_F(WatcherTest, SeesAFileRewrittenInPlace) {
  directory_.write("a.so", "1");
  open();
  in_place("a.so", "333");
  EXPECT_TRUE(until({{"a.so", 3}}));
}

TEST_F(WatcherTest, SeesARemovedFile) {
  directory_.write("a.so", "1");
  open();
  fs::remove(directory_ / "a.so");
  EXPECT_TRUE(until({}));
}

TEST_F(WatcherTest, SeesAChangedMode) {
  const std::string path = directory_.write("a.so", "1");
  open();
  const std::int64_t before = (*watcher_->list()).at(0).ctime_ns;
  // The clock of files has a grain: a change at once may leave the time that was there.
  for (::mode_t mode = 0700; stamps_of(directory_).at(0).ctime_ns == before; mode ^= 0011) ::chmod(path.c_str(), mode);
  std::int64_t after = before;
  while (after == before) after = (*watcher_->wait(std::chrono::minutes(5))).at(0).ctime_ns;
  EXPECT_GT(after, before);
}

TEST_F(WatcherTest, SeesALink) {
  open();
  fs::create_symlink("/nowhere", directory_ / "link.so");
  EXPECT_TRUE(until({{"link.so", 8}}));
}

TEST_F(WatcherTest, ARescanNeedsNoEvents) {
  open(milliseconds(20));
  fs::remove_all(directory_.path());
  const Result<std::vector<FileStamp>> gone = watcher_->wait(std::chrono::minutes(5));
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Code::kUnavailable);
  fs::create_directory(directory_.path());
  in_place("a.so", "1");
  for (;;) {  // the new directory is another inode: the old watch knows nothing of it
    const Result<std::vector<FileStamp>> listing = watcher_->wait(std::chrono::minutes(5));
    if (listing && listing->size() == 1) break;
  }
}

TEST_F(WatcherTest, WakeEndsAWait) {
  open();
  std::future<bool> waiting =
      std::async(std::launch::async, [&] { return watcher_->wait(std::chrono::hours(1)).ok(); });
  watcher_->wake();
  EXPECT_TRUE(waiting.get());
}

TEST_F(WatcherTest, EndsAtTheGivenTime) {
  directory_.write("a.so", "1");
  open();
  const Result<std::vector<FileStamp>> listing = watcher_->wait(milliseconds(0));
  ASSERT_TRUE(listing);
  EXPECT_EQ(listing->size(), 1u);
}

TEST_F(WatcherTest, RefusesADirectoryThatIsNotThere) {
  const Result<std::unique_ptr<Watcher>> opened = Watcher::open(directory_ / "nowhere");
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().text, testing::HasSubstr(directory_ / "nowhere"));
}

}  // namespace
}  // namespace eddy::host
