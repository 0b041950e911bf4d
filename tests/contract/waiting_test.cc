// SPDX-License-Identifier: Apache-2.0
// Polls that wait, and what ends them. The waits are far longer than a test may take: who comes back was woken.
#include <thread>

#include "contract/transport_contract.h"

namespace eddy::host::contract {

constexpr std::chrono::minutes kForEver{30};

TEST_P(TransportContract, APollEndsWhenARecordComes) {
  const StreamId source = make_stream("source");
  auto worker = session("g", "source");
  std::jthread producer([&] { append_numbers(source, 1); });
  auto polled = worker->poll(kForEver, 10);
  ASSERT_TRUE(polled.ok());
  EXPECT_EQ(polled->size(), 1u);
}

TEST_P(TransportContract, APollEndsWhenAnotherSessionCommits) {
  const StreamId source = make_stream("source");
  make_stream("elsewhere");
  auto worker = session("g", "source");
  auto writer = session("w", "elsewhere");
  std::jthread producer([&] {
    EXPECT_TRUE(writer->write(source, {{}, "x", {}, 1, {}}).ok());
    EXPECT_TRUE(writer->commit().ok());
  });
  auto polled = worker->poll(kForEver, 10);
  ASSERT_TRUE(polled.ok());
  EXPECT_EQ(polled->size(), 1u);
}

TEST_P(TransportContract, APollEndsWhenAnotherConnectionAppends) {
  make_stream("source");
  auto worker = session("g", "source");
  auto other = *bed_->open();
  std::jthread producer([&] {
    const OutRecord record{{}, "x", {}, 1, {}};
    EXPECT_TRUE(other->append(*other->find_stream("source"), {&record, 1}).ok());
  });
  auto polled = worker->poll(kForEver, 10);
  ASSERT_TRUE(polled.ok());
  EXPECT_EQ(polled->size(), 1u);
}

TEST_P(TransportContract, WakeEndsAPoll) {
  make_stream("source");
  auto worker = session("g", "source");
  std::jthread waker([&] { worker->wake(); });
  auto polled = worker->poll(kForEver, 10);
  ASSERT_TRUE(polled.ok());
  EXPECT_TRUE(polled->empty());
}

TEST_P(TransportContract, WakeBeforeAPollEndsThatOneOnly) {
  const StreamId source = make_stream("source");
  auto worker = session("g", "source");
  worker->wake();
  auto polled = worker->poll(kForEver, 10);
  ASSERT_TRUE(polled.ok());
  EXPECT_TRUE(polled->empty());
  append_numbers(source, 1);
  EXPECT_EQ(poll_owned(*worker, 1).size(), 1u);
}

TEST_P(TransportContract, AnEmptyPollEndsWhenItsTimeIsOut) {
  make_stream("source");
  auto worker = session("g", "source");
  auto polled = worker->poll(std::chrono::milliseconds(20), 10);
  ASSERT_TRUE(polled.ok());
  EXPECT_TRUE(polled->empty());
}

TEST_P(TransportContract, APausedSessionGetsNothingAndLosesNothing) {
  const StreamId source = make_stream("source");
  append_numbers(source, 100);
  auto worker = session("g", "source");
  EXPECT_EQ(values(poll_owned(*worker, 10)), numbers(0, 10));
  worker->pause();
  for (int i = 0; i < 3; ++i) {
    auto polled = worker->poll(kNoWait, 10);
    ASSERT_TRUE(polled.ok());
    EXPECT_TRUE(polled->empty());
  }
  ASSERT_TRUE(worker->commit().ok());
  append_numbers(source, 10, 100);
  worker->resume();
  EXPECT_EQ(values(poll_owned(*worker, 100)), numbers(10, 110));
}

TEST_P(TransportContract, WakeEndsAPausedPoll) {
  append_numbers(make_stream("source"), 10);
  auto worker = session("g", "source");
  worker->pause();
  std::jthread waker([&] { worker->wake(); });
  auto polled = worker->poll(kForEver, 10);
  ASSERT_TRUE(polled.ok());
  EXPECT_TRUE(polled->empty());
}

TEST_P(TransportContract, ABrowserWaitsForGrowth) {
  const StreamId source = make_stream("source");
  auto browser = *transport_->open_browser("source");
  ASSERT_TRUE(browser->read(0, 0, 10)->empty());
  std::jthread producer([&] { append_numbers(source, 1); });
  std::size_t got = 0;
  while (got == 0) {
    browser->wait(kForEver);
    auto read = browser->read(0, 0, 10);
    ASSERT_TRUE(read.ok());
    got = read->size();
  }
  EXPECT_EQ(got, 1u);
}

}  // namespace eddy::host::contract
