// SPDX-License-Identifier: Apache-2.0
#include "redrive/selection.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/temporary_folder.h"

namespace eddy::host {
namespace {

const std::vector<LetterPlace> kPlaces = {
    {"dlq", 1, 7, "b", 0}, {"dlq", 0, 9, "d", 2}, {"dlq", 0, 3, "a", 0}, {"dlq.parked", 0, 4, "c", 3}};

class SelectionTest : public testing::Test {
 protected:
  const TemporaryFolder folder_ = *TemporaryFolder::make();
  const std::string file_ = folder_.path() + "/letters";
};

TEST_F(SelectionTest, KnowsWhatIsMeantInOneStream) {
  const Selection selection = Selection::of(kPlaces, "dlq");
  EXPECT_EQ(selection.size(), 3u);
  ASSERT_NE(selection.find(0, 9), nullptr);
  EXPECT_EQ(selection.find(0, 9)->id, "d");
  EXPECT_EQ(selection.find(0, 9)->hops, 2u);
  EXPECT_EQ(selection.find(0, 4), nullptr) << "it is in the parked queue";
  EXPECT_EQ(selection.find(2, 9), nullptr);
  EXPECT_EQ(selection.before(0, 3), 0u);
  EXPECT_EQ(selection.before(0, 4), 1u);
  EXPECT_EQ(selection.before(0, 100), 2u);
  EXPECT_EQ(selection.before(5, 100), 0u);
  EXPECT_EQ(selection.end(0), 10);
  EXPECT_EQ(selection.end(5), 0);
}

TEST_F(SelectionTest, ComesBackFromItsFile) {
  ASSERT_TRUE(Selection::of(kPlaces, "dlq").save(file_));
  const auto loaded = Selection::load(file_);
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_EQ(loaded->size(), 3u);
  EXPECT_EQ(loaded->find(1, 7)->id, "b");
  EXPECT_EQ(loaded->find(0, 9)->hops, 2u);
}

TEST_F(SelectionTest, ComesBackWithWhatWasSaidOfLetters) {
  const Selection::Mark mark{LetterState::kDiscarded, 1'764'000'000'000'001};
  ASSERT_TRUE(Selection::of(kPlaces, "dlq", {{"d", mark}}).save(file_));
  const auto loaded = Selection::load(file_);
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_EQ(loaded->find(0, 9)->mark, mark);
  EXPECT_EQ(loaded->find(0, 3)->mark, std::nullopt);
  std::ofstream(file_) << "0 3 0 a lost 5\n";
  EXPECT_FALSE(Selection::load(file_));
}

TEST_F(SelectionTest, ADamagedFileIsAnError) {
  std::ofstream(file_) << "0 3 0 a\n0 nine 0 d\n";
  const auto loaded = Selection::load(file_);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, Code::kCorrupt);
  EXPECT_NE(loaded.error().text.find(":2: "), std::string::npos) << loaded.error().text;
  EXPECT_FALSE(Selection::load(folder_.path() + "/none"));
}

}  // namespace
}  // namespace eddy::host
