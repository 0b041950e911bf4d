// SPDX-License-Identifier: Apache-2.0
#include "runtime/config_watch.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "base/temporary_folder.h"

namespace eddy::host {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class ConfigWatchTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TemporaryFolder::make();
    ASSERT_TRUE(made);
    folder_ = *std::move(made);
    root_ = folder_.path();
  }

  // In place: it is empty, or not there, for a moment before it has its contents.
  void write(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::trunc) << text; }
  // At once: never seen half-done, however long the test then has to wait for the processor.
  void replace(const fs::path& path, const std::string& text) {
    const fs::path aside = path.string() + ".new";
    write(aside, text);
    fs::rename(aside, path);
  }
  // For who writes in place: at rest for longer than that takes, also where the processor is late.
  static constexpr ConfigWatchOptions kInPlace{.debounce = 8s, .rescan = 600s};
  void start(const fs::path& path, ConfigWatchOptions options = {.debounce = 1s, .rescan = 600s}) {
    auto started = ConfigWatch::start(
        path.string(),
        [this] {
          const std::lock_guard lock(mutex_);
          ++changes_;
          changed_.notify_all();
        },
        options);
    ASSERT_TRUE(started) << started.error().text;
    watch_ = *std::move(started);
  }
  // Exactly so many until now, and none that was on its way.
  void expect_changes(int count) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, 300s, [&] { return changes_ >= count; }));
    EXPECT_EQ(changes_, count);
  }

  TemporaryFolder folder_;
  fs::path root_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int changes_ = 0;
  std::unique_ptr<ConfigWatch> watch_;
};

TEST_F(ConfigWatchTest, TellsEachChangeOnceHoweverItComes) {
  const fs::path file = root_ / "eddy.yaml";
  write(file, "a");
  start(file, kInPlace);
  write(file, "bb");
  expect_changes(1);
  replace(file, "ccc");
  expect_changes(2);
  fs::remove(file);
  write(file, "dddd");
  expect_changes(3);
}

TEST_F(ConfigWatchTest, TheSameContentsAreNoChange) {
  const fs::path file = root_ / "eddy.yaml";
  write(file, "a");
  start(file, kInPlace);
  write(file, "a");
  write(root_ / "other.yaml", "not its file");
  replace(file, "bb");
  expect_changes(1);
}

// kubelet makes a new folder and swaps the link ..data to it; the file itself is a link through ..data.
TEST_F(ConfigWatchTest, SeesTheLinkSwapOfAConfigMap) {
  for (const char* version : {"..1", "..2"}) {
    fs::create_directory(root_ / version);
    write(root_ / version / "eddy.yaml", version);
  }
  fs::create_directory_symlink("..1", root_ / "..data");
  fs::create_symlink("..data/eddy.yaml", root_ / "eddy.yaml");
  start(root_ / "eddy.yaml");
  fs::create_directory_symlink("..2", root_ / "..data_tmp");
  fs::rename(root_ / "..data_tmp", root_ / "..data");
  expect_changes(1);
}

TEST_F(ConfigWatchTest, SeesWhatNoEventTells) {
  fs::create_directory(root_ / "elsewhere");
  write(root_ / "elsewhere/eddy.yaml", "a");
  fs::create_symlink("elsewhere/eddy.yaml", root_ / "eddy.yaml");
  start(root_ / "eddy.yaml", {.debounce = 5ms, .rescan = 10ms});
  replace(root_ / "elsewhere/eddy.yaml", "bb");
  expect_changes(1);
}

TEST_F(ConfigWatchTest, AFileThatIsMissingMayComeLater) {
  const fs::path file = root_ / "eddy.yaml";
  start(file);
  replace(file, "a");
  expect_changes(1);
}

}  // namespace
}  // namespace eddy::host
