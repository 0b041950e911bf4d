// SPDX-License-Identifier: Apache-2.0
#include "plugin/directory_view.h"

#include "zoo.h"

namespace eddy::host {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

class View : public testing::Test {
 protected:
  std::vector<std::string> names(milliseconds at) {
    std::vector<std::string> names;
    const Result<std::vector<FileStamp>> listing = view_.list(start_ + at);
    if (!listing) return {listing.error().text};
    for (const FileStamp& stamp : *listing) names.push_back(fs::path(stamp.path).filename());
    return names;
  }
  std::uint64_t size_of_first(milliseconds at) { return (*view_.list(start_ + at)).at(0).size; }

  const DirectoryView::Time start_ = std::chrono::steady_clock::now();
  TempDir directory_;
  DirectoryView view_{directory_.path(), milliseconds(200)};
};

TEST_F(View, TakesWhatIsThereAtFirst) {
  directory_.write("b.so", "1");
  directory_.write("a.so", "1");
  EXPECT_THAT(names(milliseconds(0)), ElementsAre("a.so", "b.so"));
}

TEST_F(View, ListsPluginNamesOnly) {
  directory_.write("a.so", "1");
  directory_.write(".hidden.so", "1");
  directory_.write("readme.txt", "1");
  directory_.write("a.so.new", "1");
  fs::create_directory(directory_ / "directory.so");
  fs::create_symlink("/nowhere", directory_ / "link.so");
  EXPECT_THAT(names(milliseconds(0)), ElementsAre("a.so", "directory.so", "link.so"));
}

TEST_F(View, ASignatureThatArrivesChangesItsFile) {
  directory_.write("a.so", "1");
  EXPECT_FALSE((*view_.list(start_)).at(0).signature);
  directory_.write("a.so.sig", "22");
  EXPECT_FALSE((*view_.list(start_ + milliseconds(10))).at(0).signature) << "it may still be being written";
  EXPECT_EQ(view_.next_settled(), start_ + milliseconds(210));
  const FileStamp with = (*view_.list(start_ + milliseconds(210))).at(0);
  ASSERT_TRUE(with.signature);
  EXPECT_EQ(with.signature->size, 2u);
  fs::remove(directory_ / "a.so.sig");
  EXPECT_TRUE((*view_.list(start_ + milliseconds(300))).at(0).signature);
  EXPECT_FALSE((*view_.list(start_ + milliseconds(500))).at(0).signature);
}

TEST_F(View, ASignatureAloneIsNothing) {
  directory_.write("a.so.sig", "22");
  view_.touch("a.so.sig", start_);
  EXPECT_THAT(names(milliseconds(0)), IsEmpty());
  EXPECT_THAT(names(milliseconds(200)), IsEmpty());
  EXPECT_FALSE(view_.next_settled());
  EXPECT_EQ(DirectoryView::plugin_of("a.so.sig"), "a.so");
  EXPECT_EQ(DirectoryView::plugin_of("a.so"), "a.so");
  EXPECT_EQ(DirectoryView::plugin_of(".a.so.sig.XXXXXX"), "");
  EXPECT_EQ(DirectoryView::plugin_of("a.sig"), "");
}

TEST_F(View, HoldsANewFileBackUntilItIsAtRest) {
  EXPECT_THAT(names(milliseconds(0)), IsEmpty());
  EXPECT_FALSE(view_.next_settled());
  directory_.write("a.so", "1");
  EXPECT_THAT(names(milliseconds(10)), IsEmpty());
  EXPECT_EQ(view_.next_settled(), start_ + milliseconds(210));
  EXPECT_THAT(names(milliseconds(209)), IsEmpty());
  EXPECT_THAT(names(milliseconds(210)), ElementsAre("a.so"));
  EXPECT_FALSE(view_.next_settled());
}

TEST_F(View, ListsAChangingFileAsItWas) {
  directory_.write("a.so", "1");
  EXPECT_EQ(size_of_first(milliseconds(0)), 1u);
  directory_.write("a.so", "22");
  EXPECT_EQ(size_of_first(milliseconds(300)), 1u);
  directory_.write("a.so", "333");
  EXPECT_EQ(size_of_first(milliseconds(500)), 1u) << "it changed again";
  EXPECT_EQ(size_of_first(milliseconds(700)), 3u);
}

TEST_F(View, AnEventHoldsAFileBack) {
  directory_.write("a.so", "1");
  EXPECT_EQ(size_of_first(milliseconds(0)), 1u);
  view_.touch("a.so", start_ + milliseconds(100));
  directory_.write("a.so", "22");
  view_.touch("a.so", start_ + milliseconds(400));
  EXPECT_EQ(size_of_first(milliseconds(450)), 1u);
  EXPECT_EQ(size_of_first(milliseconds(650)), 2u);
}

TEST_F(View, ARemovedFileIsListedUntilItStaysAway) {
  directory_.write("a.so", "1");
  EXPECT_THAT(names(milliseconds(0)), ElementsAre("a.so"));
  fs::remove(directory_ / "a.so");
  EXPECT_THAT(names(milliseconds(300)), ElementsAre("a.so"));
  directory_.write("a.so", "22");
  EXPECT_EQ(size_of_first(milliseconds(400)), 1u) << "removed and written again: never away";
  EXPECT_EQ(size_of_first(milliseconds(600)), 2u);
  fs::remove(directory_ / "a.so");
  EXPECT_THAT(names(milliseconds(700)), ElementsAre("a.so"));
  EXPECT_THAT(names(milliseconds(900)), IsEmpty());
}

TEST_F(View, SaysThatTheDirectoryIsGone) {
  view_.touch("a.so", start_);
  fs::remove_all(directory_.path());
  const Result<std::vector<FileStamp>> listing = view_.list(start_);
  EXPECT_FALSE(view_.next_settled()) << "there is nothing to wait for";
  ASSERT_FALSE(listing);
  EXPECT_EQ(listing.error().code, Code::kUnavailable);
  EXPECT_THAT(listing.error().text, testing::HasSubstr(directory_.path()));
}

}  // namespace
}  // namespace eddy::host
