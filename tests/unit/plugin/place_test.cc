// SPDX-License-Identifier: Apache-2.0
#include "plugin/place.h"

#include <fcntl.h>
#include <unistd.h>

#include "plugin/content.h"
#include "zoo.h"

namespace eddy::host {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class Place : public testing::Test {
 protected:
  std::string refusal(const std::string& path) const {
    const Result<Loader::Admitted> admitted = Loader({}).admit(path);
    return admitted ? "admitted" : admitted.error().text;
  }
  TempDir directory_;
};

TEST_F(Place, TakesAFileOfItsOwner) { EXPECT_EQ(refusal(directory_.put("good")), "admitted"); }

TEST_F(Place, RefusesASymbolicLink) {
  const std::string path = directory_ / "symlink_out.so";
  fs::create_symlink(zoo("good"), path);
  EXPECT_THAT(refusal(path), AllOf(StartsWith(path + ": open: "), HasSubstr("expected a file of its own"),
                                   HasSubstr("found a symbolic link"), HasSubstr("copy the file itself")));
}

TEST_F(Place, RefusesADirectory) {
  const std::string path = directory_ / "directory.so";
  fs::create_directory(path);
  EXPECT_THAT(refusal(path),
              AllOf(StartsWith(path + ": open: "), HasSubstr("expected a regular file, found a directory")));
}

TEST_F(Place, RefusesAFifoWithoutWaitingForItsWriter) {
  const std::string path = directory_ / "fifo.so";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_THAT(refusal(path), HasSubstr("open: expected a regular file, found a FIFO"));
}

TEST_F(Place, RefusesAnEmptyFile) {
  const std::string path = directory_.write("empty_file.so", "");
  EXPECT_THAT(refusal(path), HasSubstr(path + ": open: expected a shared object, found an empty file"));
}

TEST_F(Place, RefusesAFileOverTheLimit) {
  const std::string path = directory_.write("large.so", "x");
  fs::resize_file(path, kLargestPlugin + 1);
  EXPECT_THAT(refusal(path), HasSubstr("open: expected at most 64 MiB, found 67108865 bytes"));
}

TEST_F(Place, RefusesAWorldWritableFile) {
  const std::string path = directory_.put("good", "world_writable.so");
  ::chmod(path.c_str(), 0757);
  EXPECT_THAT(refusal(path), AllOf(HasSubstr("open: expected a file that only its owner writes to, found mode 0757"),
                                   HasSubstr("chmod go-w " + path)));
}

TEST_F(Place, RefusesAFileThatItsGroupWrites) {
  const std::string path = directory_.put("good");
  ::chmod(path.c_str(), 0775);
  EXPECT_THAT(refusal(path), AllOf(HasSubstr("open: expected a file that only its owner writes to, found mode 0775"),
                                   HasSubstr("chmod go-w " + path)));
}

TEST_F(Place, RefusesASetUserIdFile) {
  const std::string path = directory_.put("good");
  ::chmod(path.c_str(), 04755);
  EXPECT_THAT(refusal(path), HasSubstr("found mode 4755"));
}

TEST_F(Place, RefusesAStrangersFile) {
  const std::string path = directory_.put("good");
  if (::chown(path.c_str(), 12345, 12345) != 0) GTEST_SKIP() << "only root can give a file away";
  EXPECT_THAT(refusal(path), HasSubstr("found owner 12345"));
}

TEST_F(Place, RefusesAWorldWritableDirectoryForNow) {
  const std::string path = directory_.put("good");
  ::chmod(directory_.path().c_str(), 0777);
  const Result<Loader::Admitted> admitted = Loader({}).admit(path);
  ASSERT_FALSE(admitted);
  EXPECT_EQ(admitted.error().code, Code::kUnavailable) << "the file itself has no fault";
  EXPECT_THAT(admitted.error().text, HasSubstr("chmod go-w " + directory_.path()));
}

TEST_F(Place, RefusesADirectoryThatItsGroupWritesForNow) {
  const std::string path = directory_.put("good");
  ::chmod(directory_.path().c_str(), 0775);
  EXPECT_THAT(refusal(path), AllOf(HasSubstr("open: expected a directory that only its owner writes to"),
                                   HasSubstr("with mode 0775"), HasSubstr("chmod go-w " + directory_.path())));
}

TEST_F(Place, RefusesAStrangersDirectoryForNow) {
  const std::string path = directory_.put("good");
  if (::chown(directory_.path().c_str(), 12345, 12345) != 0) GTEST_SKIP() << "only root can give a directory away";
  const Result<Loader::Admitted> admitted = Loader({}).admit(path);
  ASSERT_FALSE(admitted);
  EXPECT_EQ(admitted.error().code, Code::kUnavailable);
  EXPECT_THAT(admitted.error().text, AllOf(HasSubstr("open: expected a directory owned by root or by user"),
                                           HasSubstr(directory_.path() + " of user 12345")));
}

TEST_F(Place, RefusesALinkToAFileInTheSameDirectoryToo) {
  directory_.put("good");
  fs::create_symlink("good.so", directory_ / "inside.so");
  EXPECT_THAT(refusal(directory_ / "inside.so"), HasSubstr("found a symbolic link"));
}

TEST_F(Place, TakesAFileThatTheConfigurationNamesThroughALinkButFromNobodyElsesHands) {
  const std::string path = directory_.write("ops.pub", "a key");
  fs::create_symlink("ops.pub", directory_ / "link.pub");
  const FileShape shape{16, "a key", "at most 16 bytes", "give a key"};
  EXPECT_TRUE(open_in_hands(directory_ / "link.pub", shape));
  ::chmod(path.c_str(), 0664);
  const Result<FileDescriptor> writable = open_in_hands(directory_ / "link.pub", shape);
  ASSERT_FALSE(writable);
  EXPECT_THAT(writable.error().text, HasSubstr("found mode 0664"));
  directory_.write("ops.pub", std::string(17, 'x'));
  EXPECT_THAT(open_in_hands(path, shape).error().text,
              HasSubstr("expected at most 16 bytes, found 17 bytes; give a key"));
}

TEST_F(Place, SaysThatAFileIsGoneForNow) {
  const Result<Loader::Admitted> admitted = Loader({}).admit(directory_ / "gone.so");
  ASSERT_FALSE(admitted);
  EXPECT_EQ(admitted.error().code, Code::kUnavailable);
  EXPECT_THAT(admitted.error().text, HasSubstr("No such file"));
}

TEST_F(Place, AnyPlaceLeavesOwnerAndModeAndLinksToTheUser) {
  const std::string path = directory_ / "link.so";
  ::chmod(directory_.put("good").c_str(), 0777);
  fs::create_symlink(directory_ / "good.so", path);
  EXPECT_TRUE(Loader({}).admit(path, true));
  EXPECT_FALSE(Loader({}).admit(path, false));
}

TEST_F(Place, ReadsTheWholeFile) {
  const std::string path = directory_.put("good");
  const Result<FileDescriptor> fd = open_in_place(path, false);
  ASSERT_TRUE(fd);
  const Result<std::string> bytes = read_content(*fd);
  ASSERT_TRUE(bytes);
  EXPECT_TRUE(*bytes == bytes_of(zoo("good")));
}

}  // namespace
}  // namespace eddy::host
