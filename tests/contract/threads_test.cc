// SPDX-License-Identifier: Apache-2.0
// Many threads on one transport: every record exactly once, in order within its partition.
#include <atomic>
#include <thread>

#include "contract/transport_contract.h"

namespace eddy::host::contract {

namespace {

constexpr std::uint32_t kPartitions = 4;
constexpr int kBatches = 60;
constexpr int kBatch = 25;
constexpr std::size_t kTotal = std::size_t{kPartitions} * kBatches * kBatch;

}  // namespace

TEST_P(TransportContract, CountsAreExactWithManyThreads) {
  const StreamId source = make_stream("source", kPartitions);
  const StreamId out = make_stream("out", kPartitions);
  std::atomic<std::size_t> committed = 0;
  std::vector<std::unique_ptr<Session>> workers;
  for (std::uint32_t i = 0; i < kPartitions; ++i) workers.push_back(session("g", "source", i, kPartitions));
  {
    std::vector<std::jthread> threads;
    for (std::uint32_t i = 0; i < kPartitions; ++i) {
      threads.emplace_back([&, i] {
        for (int batch = 0; batch < kBatches; ++batch) append_numbers(source, kBatch, batch * kBatch, i);
      });
      threads.emplace_back([&, i] {
        for (std::size_t unit = i; committed.load() < kTotal; ++unit) {
          if (unit % 7 == 0) {
            // What was polled and forgotten comes again.
            const auto polled = workers[i]->poll(kNoWait, 20);
            ASSERT_TRUE(polled.ok() || may_fail(polled.error())) << polled.error().text;
            ASSERT_TRUE(workers[i]->abort().ok());
          }
          committed += copy_unit(*workers[i], 10 + unit % 90, out).size();
        }
      });
    }
  }
  EXPECT_EQ(committed.load(), kTotal);
  EXPECT_EQ(total_tally("g", "source").delivered, kTotal);
  const auto got = browse("out");
  ASSERT_EQ(got.size(), kPartitions);
  for (const auto& [partition, held] : got) EXPECT_EQ(values(held), numbers(0, kBatches * kBatch));
}

TEST_P(TransportContract, CreatesStreamsWhileOthersWrite) {
  const StreamId busy = make_stream("busy");
  {
    std::jthread writer([&] {
      for (int i = 0; i < 50; ++i) append_numbers(busy, 10, i * 10);
    });
    std::jthread creator([&] {
      for (int i = 0; i < 20; ++i) make_stream("stream-" + std::to_string(i), 3);
    });
    std::jthread lister([&] {
      for (int i = 0; i < 20; ++i) EXPECT_TRUE(transport_->list_streams().ok());
    });
  }
  EXPECT_EQ(transport_->list_streams()->size(), 21u);
  EXPECT_EQ(values_of("busy"), numbers(0, 500));
}

}  // namespace eddy::host::contract
