// SPDX-License-Identifier: Apache-2.0
#include "push/line_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/temporary_folder.h"

namespace eddy::host::push {
namespace {

std::string read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class LineFileTest : public testing::Test {
 protected:
  const TemporaryFolder folder_ = *TemporaryFolder::make();
  const std::string path_ = folder_.path() + "/lines";
};

TEST_F(LineFileTest, AddsToWhatIsThere) {
  std::ofstream(path_) << "before\n";
  LineFile file(path_);
  ASSERT_TRUE(file.open().ok());
  ASSERT_TRUE(file.write("one\n").ok());
  ASSERT_TRUE(file.write(std::string(10'000, 'x') + "\n").ok());
  EXPECT_EQ(read(path_), "before\none\n" + std::string(10'000, 'x') + "\n");
}

TEST_F(LineFileTest, MayBeRotatedByRenaming) {
  LineFile file(path_);
  ASSERT_TRUE(file.open().ok());
  ASSERT_TRUE(file.write("one\n").ok());
  const std::string old = path_ + ".1";
  std::filesystem::rename(path_, old);
  ASSERT_TRUE(file.open().ok());
  ASSERT_TRUE(file.write("two\n").ok());
  EXPECT_EQ(read(old), "one\n");
  EXPECT_EQ(read(path_), "two\n");
}

TEST_F(LineFileTest, SaysWhyItCannotBeOpened) {
  const auto opened = LineFile("/no/such/folder/file").open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, Code::kUnavailable);
  EXPECT_THAT(opened.error().text, testing::HasSubstr("push.emf.file /no/such/folder/file"));
}

TEST_F(LineFileTest, AFullDiskIsAnError) {
  LineFile file("/dev/full");
  ASSERT_TRUE(file.open().ok());
  EXPECT_FALSE(file.write("one\n").ok());
}

}  // namespace
}  // namespace eddy::host::push
