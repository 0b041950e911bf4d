// SPDX-License-Identifier: Apache-2.0
// Units that share a commit, and sessions that share a position.
#include "stream/embedded/commit_queue.h"

#include <latch>
#include <thread>

#include "store_fixture.h"
#include "stream/embedded/schema.h"

namespace eddy::host::embedded {

using testing::HasSubstr;

class CommitQueueTest : public StoreTest {
 protected:
  void SetUp() override {
    store_ = open();
    stream_ = *store_->ensure_stream({"s", 1, 7});
    wake_ = *WakeFile::open(data_dir_);
    catalog_ = *Catalog::open(data_dir_, wake_);
    writer_ = *Writer::open(data_dir_, false, wake_);
  }
  Unit unit(const std::string& value) {
    Unit made(*catalog_, 1000, 0);
    EXPECT_TRUE(made.add(stream_, {{}, value, {}, 1, {}}, 1).ok());
    made.seal();
    return made;
  }

  std::unique_ptr<Transport> store_;
  StreamId stream_{};
  WakeFile wake_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<Writer> writer_;
};

TEST_F(CommitQueueTest, AUnitThatFailsDoesNotTakeTheOthersAlong) {
  Unit good = unit("good");
  Unit bad = unit("bad");
  bad.group = "g";
  // Both want to move the position from its start: the second comes too late.
  bad.positions.push_back({static_cast<std::uint32_t>(stream_), 0, PositionMove::kNone, "", 5, "eddy1 5 0 0 0"});
  Unit twin = unit("twin");
  twin.group = "g";
  twin.positions = bad.positions;
  Unit last = unit("last");
  PendingUnit pending[] = {{&good, {}}, {&twin, {}}, {&bad, {}}, {&last, {}}};
  PendingUnit* group[] = {&pending[0], &pending[1], &pending[2], &pending[3]};
  writer_->commit(group);
  EXPECT_TRUE(pending[0].result.ok());
  EXPECT_TRUE(pending[1].result.ok());
  ASSERT_FALSE(pending[2].result.ok());
  EXPECT_EQ(pending[2].result.error().code, Code::kConflict);
  EXPECT_TRUE(pending[3].result.ok());
  auto reader = *store_->open_session({"r", "s", 0, 1});
  EXPECT_THAT(poll_values(*reader), testing::ElementsAre("good", "twin", "last"));
  EXPECT_EQ(store_->positions("g", "s")->front().committed, 5);
}

TEST_F(CommitQueueTest, JobsAndUnitsTakeTurns) {
  CommitQueue queue(std::move(writer_));
  std::latch start(4);
  std::atomic<int> jobs = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        start.arrive_and_wait();
        for (int n = 0; n < 50; ++n) {
          if (i == 0) {
            EXPECT_TRUE(queue
                            .run([&](Database& database) -> Result<void> {
                              EXPECT_FALSE(database.in_transaction());
                              ++jobs;
                              return {};
                            })
                            .ok());
          } else {
            const Unit made = unit(std::to_string(n));
            EXPECT_TRUE(queue.commit(made).ok());
          }
        }
      });
    }
  }
  EXPECT_EQ(jobs.load(), 50);
  EXPECT_EQ(store_->list_streams()->front().records, 150u);
}

TEST_F(CommitQueueTest, TwoSessionsOfAGroupNeverCountARecordTwice) {
  append_values(*store_, stream_, {"a", "b", "c"});
  auto first = *store_->open_session({"g", "s", 0, 1});
  auto second = *store_->open_session({"g", "s", 0, 1});
  EXPECT_EQ(poll_values(*first).size(), 3u);
  EXPECT_EQ(poll_values(*second).size(), 3u);
  ASSERT_TRUE(first->commit().ok());
  for (int i = 0; i < 2; ++i) {
    const auto late = second->commit();
    ASSERT_FALSE(late.ok());
    EXPECT_EQ(late.error().code, Code::kConflict);
    EXPECT_THAT(late.error().text, HasSubstr("another session"));
  }
  ASSERT_TRUE(second->abort().ok());
  EXPECT_TRUE(poll_values(*second).empty());
  EXPECT_EQ(store_->positions("g", "s")->front().tally.delivered, 3u);
}

}  // namespace eddy::host::embedded
