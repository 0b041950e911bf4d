// SPDX-License-Identifier: Apache-2.0
#include "webhook/outbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "support/times.h"

namespace eddy::host::webhook {
namespace {

using test::kMinute;
using test::kSecond;
using testing::ElementsAre;
using testing::Field;
using testing::SizeIs;

Notice group(const std::string& fingerprint) {
  Notice notice;
  notice.event = "new_group";
  notice.queue = "Q";
  notice.fingerprint = fingerprint;
  return notice;
}

TEST(Outbox, TellsNothingTwiceWithinATime) {
  Outbox outbox({.repeat_after_us = kMinute});
  EXPECT_TRUE(outbox.put(group("a"), 0));
  EXPECT_FALSE(outbox.put(group("a"), kMinute - 1));
  EXPECT_TRUE(outbox.put(group("b"), kMinute - 1));
  EXPECT_TRUE(outbox.put(group("a"), kMinute));
  EXPECT_THAT(outbox.waiting(), SizeIs(3));
}

TEST(Outbox, ANumberInAMinuteAndTheRestIsCounted) {
  Outbox outbox({.repeat_after_us = kMinute, .max_per_minute = 2});
  for (int i = 0; i < 7; ++i) EXPECT_EQ(outbox.put(group(std::to_string(i)), kSecond), i < 2);
  EXPECT_TRUE(outbox.put(group("later"), kMinute));
  EXPECT_EQ(outbox.take()->left_out, 5u);
  outbox.done();
  EXPECT_EQ(outbox.take()->left_out, 0u);
  outbox.done();
  EXPECT_EQ(outbox.take()->notice.fingerprint, "later");
}

TEST(Outbox, IsBounded) {
  Outbox outbox({.max_per_minute = 1000, .most_waiting = 3});
  for (int i = 0; i < 10; ++i) outbox.put(group(std::to_string(i)), 0);
  EXPECT_THAT(outbox.waiting(), SizeIs(3));
}

TEST(Outbox, WhatWasTakenWaitsUntilItIsDone) {
  Outbox outbox({});
  outbox.put(group("a"), 0);
  outbox.put(group("b"), 0);
  EXPECT_EQ(outbox.take()->notice.fingerprint, "a");
  EXPECT_THAT(outbox.waiting(), ElementsAre(Field(&Notice::fingerprint, "a"), Field(&Notice::fingerprint, "b")));
  outbox.done();
  EXPECT_THAT(outbox.waiting(), ElementsAre(Field(&Notice::fingerprint, "b")));
}

TEST(Outbox, WhatWaitedBeforeIsPutBackWhateverTheMinuteIs) {
  Outbox outbox({.max_per_minute = 1, .most_waiting = 3});
  outbox.put_back({group("a"), group("b"), group("c"), group("d")}, 0);
  EXPECT_THAT(outbox.waiting(), SizeIs(3));
  EXPECT_FALSE(outbox.put(group("a"), 1)) << "it waits already";
  outbox.take();
  outbox.done();
  EXPECT_TRUE(outbox.put(group("e"), 1)) << "and the minute is still its own";
}

TEST(Outbox, TakeWaitsAndClosingEndsIt) {
  Outbox outbox({});
  std::thread giver([&] { outbox.put(group("a"), 0); });
  EXPECT_EQ(outbox.take()->notice.fingerprint, "a");
  giver.join();
  outbox.done();
  std::thread closer([&] { outbox.close(); });
  EXPECT_FALSE(outbox.take());
  EXPECT_FALSE(outbox.pause(std::chrono::hours(1)));
  closer.join();
  EXPECT_FALSE(outbox.put(group("b"), 0));
}

}  // namespace
}  // namespace eddy::host::webhook
