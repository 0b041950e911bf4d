// SPDX-License-Identifier: Apache-2.0
#include "runtime/rates.h"

#include <gtest/gtest.h>

namespace eddy::host {
namespace {

using namespace std::chrono_literals;

constexpr Rates::Time kStart{1000h};

ProcessedByName counts(std::uint64_t delivered, std::uint64_t dead = 0) {
  return {{"f", {.delivered = delivered, .filtered = 0, .dead_lettered = dead}}};
}

TEST(Rates, ThereAreNoneBeforeTheFirstSample) {
  const Rates rates;
  EXPECT_TRUE(rates.due(kStart));
  EXPECT_TRUE(rates.over_window(kStart, counts(5)).empty());
}

TEST(Rates, AreOfTheTimeSinceTheStart) {
  Rates rates;
  rates.sample(kStart, counts(100));
  EXPECT_FALSE(rates.due(kStart + 4s));
  EXPECT_TRUE(rates.due(kStart + 5s));
  EXPECT_TRUE(rates.over_window(kStart, counts(100)).empty()) << "no time has passed";
  const auto now = rates.over_window(kStart + 10s, counts(150, 20));
  EXPECT_DOUBLE_EQ(now.at("f").delivered, 5);
  EXPECT_DOUBLE_EQ(now.at("f").dead_lettered, 2);
}

TEST(Rates, ForgetWhatIsOlderThanTheWindow) {
  Rates rates;
  for (int i = 0; i <= 120; i += 5) {
    rates.sample(kStart + std::chrono::seconds(i), counts(static_cast<std::uint64_t>(i < 60 ? i * 1000 : 60'000)));
  }
  EXPECT_DOUBLE_EQ(rates.over_window(kStart + 120s, counts(60'000)).at("f").delivered, 0);
}

TEST(Rates, WhatIsNewBeganAtNothing) {
  Rates rates;
  rates.sample(kStart, {});
  EXPECT_DOUBLE_EQ(rates.over_window(kStart + 10s, counts(30)).at("f").delivered, 3);
}

}  // namespace
}  // namespace eddy::host
