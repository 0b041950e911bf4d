// SPDX-License-Identifier: Apache-2.0
#include "function/slot.h"

#include <gtest/gtest.h>

#include <thread>

namespace eddy::host {
namespace {

constexpr std::chrono::minutes kLong{1};

TEST(Slot, EachPublicationIsANewVersion) {
  Slot slot;
  const auto first = slot.version();
  const auto binding = std::make_shared<const Binding>();
  slot.publish(binding);
  EXPECT_NE(slot.version(), first);
  EXPECT_EQ(slot.view().binding, binding);
  EXPECT_EQ(slot.view().version, slot.version());
  slot.publish(nullptr);
  EXPECT_EQ(slot.view().binding, nullptr);
}

TEST(Slot, AWaiterHearsOfAPublication) {
  Slot slot;
  const auto seen = slot.version();
  std::thread publisher([&] { slot.publish(nullptr); });
  slot.wait_change(seen, kLong);
  EXPECT_NE(slot.version(), seen);
  publisher.join();
}

TEST(Slot, AWaiterHearsOfTheEnd) {
  Slot slot;
  std::thread stopper([&] { slot.stop(); });
  slot.wait_change(slot.version(), kLong);
  slot.wait_stop(kLong);
  EXPECT_TRUE(slot.stopping());
  stopper.join();
}

}  // namespace
}  // namespace eddy::host
