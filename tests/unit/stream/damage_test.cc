// SPDX-License-Identifier: Apache-2.0
// Bytes that changed on the disk, and rows taken out by hand.
#include "store_fixture.h"

namespace eddy::host::embedded {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class DamageTest : public StoreTest {
 protected:
  // Three chunks in one partition: offsets 0, 1 and 2.
  void SetUp() override {
    store_ = open();
    stream_ = *store_->ensure_stream({"orders", 1, 7});
    for (const char* value : {"first", "second", "third"}) append_values(*store_, stream_, {value});
  }
  std::unique_ptr<Session> reader() { return *store_->open_session({"g", "orders", 0, 1}); }

  std::unique_ptr<Transport> store_;
  StreamId stream_{};
};

TEST_F(DamageTest, GivesWhatStandsBeforeABadChunkAndThenSaysWhereItIs) {
  sql("UPDATE chunk SET bytes = CAST(replace(bytes, 'second', 'sEcond') AS BLOB) WHERE base = 1");
  auto session = reader();
  auto polled = session->poll(std::chrono::milliseconds(0), 100);
  ASSERT_TRUE(polled.ok()) << polled.error().text;
  ASSERT_EQ(polled->size(), 1u);
  EXPECT_EQ(polled->front().value.view(), "first");
  for (int i = 0; i < 2; ++i) {
    polled = session->poll(std::chrono::milliseconds(0), 100);
    ASSERT_FALSE(polled.ok());
    EXPECT_EQ(polled.error().code, Code::kCorrupt);
    EXPECT_THAT(polled.error().text, AllOf(HasSubstr("'orders'"), HasSubstr("partition 0"), HasSubstr("offset 1"),
                                           HasSubstr("restore"), HasSubstr("DELETE FROM chunk WHERE id = 2")));
  }
}

TEST_F(DamageTest, ABadChunkHoldsUpItsPartitionAlone) {
  const StreamId both = *store_->ensure_stream({"both", 2, 7});
  for (std::uint32_t partition : {0U, 1U}) {
    const OutRecord record{{}, "bad or good", {}, 1, partition};
    ASSERT_TRUE(store_->append(both, {&record, 1}).ok());
  }
  const std::string of_first = " WHERE partition = 0 AND stream = (SELECT max(stream) FROM chunk)";
  sql("UPDATE chunk SET crc = crc + 1" + of_first);
  auto session = *store_->open_session({"g", "both", 0, 1});
  const auto polled = session->poll(std::chrono::milliseconds(0), 100);
  ASSERT_TRUE(polled.ok()) << polled.error().text;
  ASSERT_EQ(polled->size(), 1u);
  session->end(polled->front(), Outcome::kDelivered);
  ASSERT_TRUE(session->commit().ok());
  EXPECT_EQ(store_->positions("g", "both")->at(1).committed, 1);
  EXPECT_FALSE(session->poll(std::chrono::milliseconds(0), 100).ok());
  sql("UPDATE chunk SET crc = crc - 1" + of_first);
  EXPECT_THAT(poll_values(*session), ElementsAre("bad or good")) << "from a backup";
}

TEST_F(DamageTest, FindsDamageInEveryColumn) {
  for (const char* change :
       {"count = 0", "count = 2", "first_us = first_us + 1", "last_us = 0", "crc = crc + 1", "bytes = x''",
        "bytes = zeroblob(100)", "crc = NULL OR 1", "base = -7", "partition = 'x'"}) {
    const std::string restore = "INSERT OR REPLACE INTO chunk SELECT * FROM saved";
    sql("DROP TABLE IF EXISTS saved; CREATE TABLE saved AS SELECT * FROM chunk WHERE id = 1");
    sql(std::string("UPDATE chunk SET ") + change + " WHERE id = 1");
    auto browser = *store_->open_browser("orders");
    const auto read = browser->read(0, 0, 1);
    if (read.ok()) {
      // Moved out of the partition's sight: the gap is passed, nothing wrong is given.
      EXPECT_TRUE(read->empty() || read->front().value.view() == "second") << change;
    } else {
      EXPECT_EQ(read.error().code, Code::kCorrupt) << change;
    }
    sql(restore);
  }
}

TEST_F(DamageTest, GoesOnPastAChunkThatWasGivenUp) {
  sql("DELETE FROM chunk WHERE id = 2");
  auto session = reader();
  EXPECT_THAT(poll_values(*session), ElementsAre("first", "third"));
  ASSERT_TRUE(session->commit().ok());
  EXPECT_EQ(store_->positions("g", "orders")->front().committed, 3);
}

TEST_F(DamageTest, WaitsAtTheEndWhenTheLastChunkWasGivenUp) {
  sql("DELETE FROM chunk WHERE id = 3");
  auto session = reader();
  EXPECT_THAT(poll_values(*session), ElementsAre("first", "second"));
  append_values(*store_, stream_, {"fourth"});
  EXPECT_THAT(poll_values(*session), ElementsAre("fourth"));
}

TEST_F(DamageTest, RefusesToWriteToAPartitionWhoseRowIsGone) {
  sql("DELETE FROM stream_partition");
  const OutRecord record{{}, "x", {}, 1, {}};
  const auto appended = store_->append(stream_, {&record, 1});
  ASSERT_FALSE(appended.ok());
  EXPECT_EQ(appended.error().code, Code::kCorrupt);
}

}  // namespace eddy::host::embedded
