// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "stream/kafka/place.h"

namespace eddy::host::kafka {

namespace {

constexpr Wait kWait{2, 5'000};

// At 10, with 10, 12 and 15 held and everything else below 20 ended.
Progress with_holds() {
  Progress progress(10);
  for (const std::int64_t offset : {10, 12, 15}) progress.hold(offset, kWait);
  progress.skip_to(20);
  progress.set_tally({7, 0, 0, 0});
  return progress;
}

std::vector<std::int64_t> admitted(Place& place, std::int64_t from, std::int64_t to) {
  std::vector<std::int64_t> offsets;
  for (std::int64_t offset = from; offset < to; ++offset) {
    if (place.admit(offset)) offsets.push_back(offset);
  }
  return offsets;
}

}  // namespace

TEST(KafkaPlace, AdmitsWhatIsHeldAndWhatIsNew) {
  Place place;
  place.start(with_holds());
  EXPECT_THAT(admitted(place, 10, 23), testing::ElementsAre(10, 12, 15, 20, 21, 22));
  EXPECT_THAT(admitted(place, 10, 23), testing::IsEmpty());  // once
  ASSERT_NE(place.handed_on(12), nullptr);
  EXPECT_EQ(*place.handed_on(12), kWait);
  EXPECT_EQ(place.handed_on(20), nullptr);
}

TEST(KafkaPlace, AHeldRecordStaysOpenUntilItIsEndedOrHeldAgain) {
  Place place;
  place.start(with_holds());
  admitted(place, 10, 20);
  EXPECT_TRUE(place.open(10));
  place.end(10, Outcome::kDelivered);
  place.hold(12, {3, 9'000});
  EXPECT_FALSE(place.open(10));
  EXPECT_FALSE(place.open(12));
  EXPECT_TRUE(place.open(15));
  EXPECT_EQ(place.handed_on(12), nullptr);
  ASSERT_TRUE(place.prepare());
  EXPECT_EQ(place.pending().committed(), 12);
  EXPECT_EQ(place.pending().tally().delivered, 8u);
}

TEST(KafkaPlace, DropsHeldRecordsThatAreNoMore) {
  Place place;
  place.start(with_holds());
  EXPECT_FALSE(place.admit(11));  // 10 was taken by retention or compaction
  EXPECT_TRUE(place.admit(15));   // and 12
  EXPECT_EQ(place.pending().committed(), 15);
  EXPECT_EQ(place.pending().frontier(), 20);
  EXPECT_EQ(place.pending().tally().delivered, 7u);
  EXPECT_TRUE(place.prepare());
}

TEST(KafkaPlace, DropsHeldRecordsThatAreNoMoreAtTheEnd) {
  Place place;
  place.start(with_holds());
  EXPECT_TRUE(place.admit(10));
  place.reach_end(20);
  EXPECT_EQ(place.pending().held().size(), 1u);
}

TEST(KafkaPlace, PassesMarkersOnlyWhenAllBelowHasEnded) {
  Place place;
  place.start(Progress(0));
  EXPECT_TRUE(place.admit(0));
  EXPECT_TRUE(place.admit(1));
  place.reach_end(3);
  place.end(0, Outcome::kFiltered);
  ASSERT_TRUE(place.prepare());
  EXPECT_EQ(place.pending().committed(), 1);
  place.end(1, Outcome::kFiltered);
  ASSERT_TRUE(place.prepare());
  EXPECT_EQ(place.pending().committed(), 3);
  place.commit();
  EXPECT_FALSE(place.prepare());
}

TEST(KafkaPlace, MarkersAloneAreWorthACommitButAreNoUnit) {
  Place place;
  place.start(Progress(0));
  place.reach_end(2);
  EXPECT_TRUE(place.prepare());
  EXPECT_FALSE(place.touched());
}

TEST(KafkaPlace, RewindsToWhatIsStored) {
  Place place;
  place.start(Progress(5));
  EXPECT_FALSE(place.rewind());  // nothing was taken: the fetcher stands right
  admitted(place, 5, 8);
  place.end(5, Outcome::kDelivered);
  place.commit();
  place.end(6, Outcome::kDelivered);
  EXPECT_TRUE(place.rewind());
  EXPECT_FALSE(place.touched());
  EXPECT_FALSE(place.admit(8));  // of the old place of the fetcher
  place.must_seek = false;
  EXPECT_THAT(admitted(place, 6, 9), testing::ElementsAre(6, 7, 8));
}

TEST(KafkaPlace, RewindGivesStoredHoldsAgain) {
  Place place;
  place.start(Progress(0));
  admitted(place, 0, 3);
  place.hold(0, kWait);
  place.end(1, Outcome::kDelivered);
  place.end(2, Outcome::kDelivered);
  place.commit();
  EXPECT_TRUE(place.rewind());
  place.must_seek = false;
  EXPECT_THAT(admitted(place, 0, 4), testing::ElementsAre(0, 3));
  ASSERT_NE(place.handed_on(0), nullptr);
}

}  // namespace eddy::host::kafka
