// SPDX-License-Identifier: Apache-2.0
#include "stream/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace eddy::host {

namespace {

Progress again(const Progress& progress) {
  auto decoded = Progress::decode(progress.committed(), progress.encode());
  EXPECT_TRUE(decoded.ok()) << decoded.error().text;
  return decoded ? *decoded : Progress(-1);
}

}  // namespace

TEST(ProgressTest, MovesOverWhatHasEnded) {
  Progress progress(10);
  progress.end(10, Outcome::kDelivered);
  progress.end(11, Outcome::kFiltered);
  progress.end(12, Outcome::kDeadLettered);
  progress.end(13, Outcome::kMoved);
  EXPECT_EQ(progress.committed(), 14);
  EXPECT_EQ(progress.tally(), (Tally{1, 1, 1, 1}));
  EXPECT_EQ(again(progress), progress);
}

TEST(ProgressTest, StaysBelowWhatIsHeld) {
  Progress progress(10);
  progress.hold(10, {1, 5'000'000});
  progress.end(11, Outcome::kDelivered);
  progress.hold(12, {});
  EXPECT_EQ(progress.committed(), 10);
  EXPECT_EQ(progress.frontier(), 13);
  EXPECT_EQ(again(progress), progress);
  progress.hold(10, {2, 9'000'000});
  EXPECT_EQ(*progress.wait_of(10), (Wait{2, 9'000'000}));
  progress.end(10, Outcome::kDelivered);
  EXPECT_EQ(progress.committed(), 12);
  EXPECT_EQ(progress.wait_of(10), nullptr);
  progress.end(12, Outcome::kDelivered);
  EXPECT_EQ(progress.committed(), 13);
  EXPECT_EQ(again(progress), progress);
}

TEST(ProgressTest, PassesOffsetsWithoutRecords) {
  Progress progress(10);
  progress.hold(10, {1, 1000});
  progress.skip_to(20);
  EXPECT_EQ(progress.committed(), 10);
  progress.skip_to(15, true);
  EXPECT_EQ(progress.committed(), 20);
}

TEST(ProgressTest, FitsIntoTheMetadataOfAnOffset) {
  std::mt19937_64 random(3);
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  Progress progress(0);
  progress.set_tally({most, most, most, most});
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < kMostHeld; ++i) {
    offset += static_cast<std::int64_t>(random() % 100'000);
    progress.hold(offset, {static_cast<std::uint32_t>(1 + random() % 100), 4'102'444'800'000'000});  // in the year 2100
    ++offset;
  }
  ASSERT_EQ(progress.held().size(), kMostHeld);
  EXPECT_LE(progress.encode().size(), 4000u);
  EXPECT_EQ(again(progress), progress);
}

TEST(ProgressTest, RefusesWhatIsNotItsOwn) {
  EXPECT_TRUE(Progress::decode(7, "").ok());
  for (const char* text : {"x", "eddy1", "eddy1 1 2 3", "eddy1 1 2 3 x", "eddy2 1 2 3 4", "eddy1 1 2 3 4 !",
                           "eddy1 1 2 3 4 /w==", "eddy1 1 2 3 4 AA== more"}) {
    const auto decoded = Progress::decode(7, text);
    ASSERT_FALSE(decoded.ok()) << text;
    EXPECT_EQ(decoded.error().code, Code::kCorrupt);
    EXPECT_THAT(decoded.error().text, testing::HasSubstr(text));
  }
}

}  // namespace eddy::host
