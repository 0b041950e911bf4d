// SPDX-License-Identifier: Apache-2.0
#include "store_fixture.h"

namespace eddy::host::embedded {

using testing::ElementsAre;

namespace {

constexpr std::int64_t kDay = 86'400'000'000;

}  // namespace

class RetentionTest : public StoreTest {
 protected:
  void SetUp() override {
    store_ = open();
    stream_ = *store_->ensure_stream({"s", 1, 7});
    for (const int day : {1, 2, 10}) append_values(*store_, stream_, {"a" + std::to_string(day), "b"}, day * kDay);
  }
  std::unique_ptr<Transport> store_;
  StreamId stream_{};
};

TEST_F(RetentionTest, DeletesWholeChunksWhoseNewestRecordIsOlder) {
  EXPECT_EQ(*store_->apply_retention(8 * kDay), 0u);
  EXPECT_EQ(*store_->apply_retention(8 * kDay + 1), 2u);
  const Position position = store_->positions("g", "s")->front();
  EXPECT_EQ(position.begin, 2);
  EXPECT_EQ(position.end, 6);
  EXPECT_EQ(store_->list_streams()->front().records, 4u);
  EXPECT_EQ(std::to_string(store_->list_streams()->front().bytes), sql("SELECT sum(length(bytes)) FROM chunk"));
}

TEST_F(RetentionTest, OffsetsGoOnAfterAllIsDeleted) {
  EXPECT_EQ(*store_->apply_retention(100 * kDay), 6u);
  EXPECT_EQ(store_->list_streams()->front().bytes, 0u);
  append_values(*store_, stream_, {"new"}, 100 * kDay);
  const Position position = store_->positions("g", "s")->front();
  EXPECT_EQ(position.begin, 6);
  EXPECT_EQ(position.end, 7);
}

TEST_F(RetentionTest, MovesAGroupThatWasTooSlow) {
  auto reader = *store_->open_session({"g", "s", 0, 1});
  auto polled = reader->poll(std::chrono::milliseconds(0), 1);
  ASSERT_EQ(polled->size(), 1u);
  reader->end(polled->front(), Outcome::kDelivered);
  ASSERT_TRUE(reader->commit().ok());
  ASSERT_TRUE(reader->abort().ok());  // so that it reads anew
  EXPECT_EQ(*store_->apply_retention(10 * kDay), 4u);
  EXPECT_EQ(store_->positions("g", "s")->front().committed, 4);
  EXPECT_THAT(poll_values(*reader), ElementsAre("a10", "b"));
  ASSERT_TRUE(reader->commit().ok());
  EXPECT_EQ(store_->positions("g", "s")->front().tally.delivered, 3u);
}

TEST_F(RetentionTest, AHeldRecordThatIsGoneHoldsUpNothing) {
  auto reader = *store_->open_session({"g", "s", 0, 1});
  const auto polled = reader->poll(std::chrono::milliseconds(0), 1);
  ASSERT_EQ(polled->size(), 1u);
  reader->hold(polled->front(), {1, kDay});
  ASSERT_TRUE(reader->commit().ok());
  reader.reset();
  EXPECT_EQ(*store_->apply_retention(10 * kDay), 4u);

  auto next = *store_->open_session({"g", "s", 0, 1});
  EXPECT_THAT(poll_values(*next), ElementsAre("a10", "b"));
  ASSERT_TRUE(next->commit().ok());
  EXPECT_THAT(poll_values(*next), testing::IsEmpty()) << "and once is enough";
  EXPECT_EQ(store_->positions("g", "s")->front().committed, 6);
}

TEST_F(RetentionTest, ZeroDaysKeepForEver) {
  ASSERT_TRUE(store_->ensure_stream({"s", 1, 0}).ok());
  EXPECT_EQ(*store_->apply_retention(10'000 * kDay), 0u);
}

TEST_F(RetentionTest, DeletesMoreThanOneTransactionTakes) {
  auto writer = *store_->open_session({"w", "s", 0, 1});
  const StreamId many = *store_->ensure_stream({"many", 2, 7});
  const std::string large(100'000, 'x');
  for (int i = 0; i < 700; ++i) {
    ASSERT_TRUE(writer->write(many, {{}, large, {}, kDay, static_cast<std::uint32_t>(i % 2)}).ok());
  }
  ASSERT_TRUE(writer->commit().ok());
  EXPECT_EQ(*store_->apply_retention(9 * kDay), 702u);
  const auto positions = store_->positions("g", "many");
  ASSERT_EQ(positions->size(), 2u);
  for (const Position& position : *positions) EXPECT_EQ(position.begin, position.end);
}

TEST_F(RetentionTest, TheFirstThatStaysKeepsWhatIsBehindIt) {
  append_values(*store_, stream_, {"late and old"}, kDay);
  EXPECT_EQ(*store_->apply_retention(16 * kDay), 4u);
  EXPECT_EQ(store_->positions("g", "s")->front().begin, 4);
}

}  // namespace eddy::host::embedded
