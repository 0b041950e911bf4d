// SPDX-License-Identifier: Apache-2.0
// What the loader keeps on disk: private copies, and which file a process died on.
#include <fcntl.h>
#include <sys/wait.h>

#include "plugin/copy.h"
#include "plugin/loading_journal.h"
#include "zoo.h"

namespace eddy::host {
namespace {

using testing::HasSubstr;

constexpr const char* kSha = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

const PluginIdentity kIdentity{.name = "movies", .version = "1", .build_id = "", .sha256 = kSha, .file = "m.so"};

mode_t mode_of(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}

TEST(PrivateCopies, ArePrivateAndReadOnly) {
  const TempDir state;
  PrivateCopies copies(state.path());
  const Result<std::string> path = copies.write("bytes", kIdentity, 7);
  ASSERT_TRUE(path) << path.error().text;
  EXPECT_EQ(fs::path(*path).filename(), "movies.so") << "what stack traces show";
  EXPECT_EQ(fs::path(*path).parent_path().filename(), "0123456789ab-7");
  EXPECT_TRUE(fs::path(*path).is_absolute());
  EXPECT_EQ(bytes_of(*path), "bytes");
  EXPECT_EQ(mode_of(*path), 0500u);
  EXPECT_EQ(mode_of(fs::path(*path).parent_path()), 0700u);
  EXPECT_EQ(mode_of(state / "plugins"), 0700u);
}

TEST(PrivateCopies, NeverReplaceOne) {
  const TempDir state;
  PrivateCopies copies(state.path());
  ASSERT_TRUE(copies.write("bytes", kIdentity, 1));
  const Result<std::string> again = copies.write("others", kIdentity, 1);
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().text, HasSubstr("copy: expected to write"));
  EXPECT_EQ(again.error().code, Code::kUnavailable);
}

TEST(PrivateCopies, AreRemovedWhenTheirProcessIsGone) {
  const TempDir state;
  const pid_t child = ::fork();
  if (child == 0) {
    PrivateCopies copies(state.path());
    ::_exit(copies.write("bytes", kIdentity, 1) ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  PrivateCopies own(state.path());
  const Result<std::string> kept = own.write("bytes", kIdentity, 2);
  ASSERT_TRUE(kept);
  fs::create_directory(state / "plugins/somebody");
  std::ofstream(state / "plugins/file.so") << "somebody's";
  EXPECT_EQ(std::distance(fs::directory_iterator(state / "plugins"), {}), 4);
  PrivateCopies(state.path()).clean_up();
  EXPECT_TRUE(fs::exists(*kept)) << "of a process that lives";
  EXPECT_TRUE(fs::exists(state / "plugins/somebody")) << "not made by a host";
  EXPECT_TRUE(fs::exists(state / "plugins/file.so")) << "not made by a host";
  EXPECT_EQ(std::distance(fs::directory_iterator(state / "plugins"), {}), 3);
}

TEST(LoadingJournal, IsThereOnlyWhileLoading) {
  const TempDir state;
  LoadingJournal journal(state.path());
  ASSERT_TRUE(journal.begin(kSha));
  EXPECT_EQ(bytes_of(state / "loading"), std::string(kSha) + "\n");
  EXPECT_FALSE(journal.died(kSha)) << "it is this process that loads it";
  journal.end();
  EXPECT_FALSE(fs::exists(state / "loading"));
}

TEST(LoadingJournal, RemembersOverManyStarts) {
  const TempDir state;
  ASSERT_TRUE(LoadingJournal(state.path()).begin(kSha));
  for (int start = 0; start < 3; ++start) {
    LoadingJournal journal(state.path());
    EXPECT_TRUE(journal.died(kSha));
    ASSERT_TRUE(journal.begin(std::string(64, 'f')));
    journal.end();
    EXPECT_FALSE(LoadingJournal(state.path()).died(std::string(64, 'f')));
  }
}

TEST(LoadingJournal, ALoaderRefusesWhatKilledAProcessUntilTheFileChanges) {
  const TempDir state;
  ASSERT_TRUE(install_guard());
  const Result<Loader::Admitted> good = Loader({}).admit(zoo("good"), true);
  ASSERT_TRUE(good);
  ASSERT_TRUE(LoadingJournal(state.path()).begin(good->identity.sha256));
  Loader loader(loader_options(state));
  const Result<ImagePtr> refused = loader.load(*good);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text, HasSubstr(zoo("good") + ": load: expected a file that can be loaded, found that an "
                                                            "earlier process died while loading it"));
  EXPECT_THAT(refused.error().text, HasSubstr("remove " + (state / "loading")));
  const Result<Loader::Admitted> changed = loader.admit(zoo("good_v2"), true);
  ASSERT_TRUE(changed);
  EXPECT_TRUE(loader.load(*changed));
}

TEST(Loader, WithoutAStateDirectoryOnlyAdmits) {
  Loader loader({});
  const Result<Loader::Admitted> good = loader.admit(zoo("good"), true);
  ASSERT_TRUE(good);
  const Result<ImagePtr> image = loader.load(*good);
  ASSERT_FALSE(image);
  EXPECT_THAT(image.error().text, HasSubstr("expected a state directory, found none"));
}

}  // namespace
}  // namespace eddy::host
