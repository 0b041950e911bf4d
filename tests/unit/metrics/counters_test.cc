// SPDX-License-Identifier: Apache-2.0
#include "metrics/counters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <thread>
#include <vector>

namespace eddy::host {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(TimeHistogram, ABoundBelongsToItsBucket) {
  TimeHistogram histogram;
  histogram.observe(1e-6);
  histogram.observe(1.1e-6, 3);
  histogram.observe(10.0);
  histogram.observe(10.1);
  EXPECT_EQ(histogram.bucket(0), 1u);
  EXPECT_EQ(histogram.bucket(1), 3u);
  EXPECT_EQ(histogram.bucket(TimeHistogram::kBounds.size() - 1), 1u);
  EXPECT_EQ(histogram.bucket(TimeHistogram::kBounds.size()), 1u);
  EXPECT_NEAR(histogram.sum(), 20.1000043, 1e-9);
}

TEST(RecoveryHistogram, TellsAnHourFromADayAndAddsUpMonths) {
  RecoveryHistogram histogram;
  histogram.observe(0.5);
  histogram.observe(3600);
  histogram.observe(3601, 2);
  histogram.observe(30 * 86'400.0, 1'000'000);
  histogram.observe(31 * 86'400.0);
  std::vector<std::uint64_t> buckets;
  for (std::size_t i = 0; i <= RecoveryHistogram::kBounds.size(); ++i) buckets.push_back(histogram.bucket(i));
  EXPECT_THAT(buckets, ElementsAre(1, 0, 0, 0, 1, 2, 0, 0, 1'000'000, 1));
  EXPECT_NEAR(histogram.sum(), 2'592'000.0 * 1'000'000, 2'700'000);
}

TEST(TimeHistogram, TakesTimesThatMakeNoSense) {
  TimeHistogram histogram;
  histogram.observe(-1);
  histogram.observe(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(histogram.bucket(0), 2u);
  EXPECT_EQ(histogram.sum(), 0);
  histogram.observe(std::numeric_limits<double>::infinity());
  EXPECT_EQ(histogram.bucket(TimeHistogram::kBounds.size()), 1u);
  EXPECT_NEAR(histogram.sum(), 1e9, 1);
}

TEST(WorkerCounters, CountsDeadLettersByType) {
  WorkerCounters counters;
  counters.dead_letter("a");
  counters.dead_letter("a", 2);
  counters.dead_letter("b");
  counters.dead_letter("a");
  counters.dead_letter("");
  EXPECT_THAT(counters.dead_letters(), ElementsAre(Pair("", 1), Pair("a", 4), Pair("b", 1)));
}

TEST(WorkerCounters, TheTypeNeedNotOutliveTheCall) {
  WorkerCounters counters;
  for (int i = 0; i < 3; ++i) {
    const std::string type = std::string(40, 'x') + std::to_string(i % 2);
    counters.dead_letter(type);
  }
  EXPECT_THAT(counters.dead_letters(),
              ElementsAre(Pair(std::string(40, 'x') + "0", 2), Pair(std::string(40, 'x') + "1", 1)));
}

TEST(WorkerCounters, TypesWithoutEndAreCountedTogether) {
  WorkerCounters counters;
  for (int i = 0; i < 1000; ++i) counters.dead_letter("type " + std::to_string(i));
  counters.dead_letter("type 0");
  const auto letters = counters.dead_letters();
  EXPECT_EQ(letters.size(), kMostErrorTypes + 1);
  EXPECT_EQ(letters.at(std::string(kOtherErrorType)), 1000 - kMostErrorTypes);
  EXPECT_EQ(letters.at("type 0"), 2u);
}

TEST(WorkerCounters, LongTypesAreCutBetweenCharacters) {
  WorkerCounters counters;
  counters.dead_letter(std::string(199, 'x') + "\xc3\xa9" + std::string(5000, 'y'));
  counters.dead_letter(std::string(199, 'x') + "\xc3\xa9 and another end");
  EXPECT_THAT(counters.dead_letters(), ElementsAre(Pair(std::string(199, 'x'), 2)));
}

TEST(WorkerCounters, MayBeReadWhileTheWorkerCounts) {
  WorkerCounters counters;
  std::atomic<bool> done = false;
  std::thread worker([&] {
    for (int i = 0; i < 20'000; ++i) {
      counters.dead_letter("type " + std::to_string(i % 70));
      counters.outcomes[0].add();
    }
    done = true;
  });
  std::uint64_t last = 0;
  while (!done) {
    std::uint64_t sum = 0;
    for (const auto& [type, count] : counters.dead_letters()) sum += count;
    EXPECT_GE(sum, last);
    last = sum;
  }
  worker.join();
  std::uint64_t sum = 0;
  for (const auto& [type, count] : counters.dead_letters()) sum += count;
  EXPECT_EQ(sum, 20'000u);
  EXPECT_EQ(counters.outcomes[0].get(), 20'000u);
}

}  // namespace
}  // namespace eddy::host
