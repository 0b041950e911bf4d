// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace eddy::host {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return Error{Code::kBadData, std::to_string(value) + " is odd"};
  return value / 2;
}

Result<int> quarter(int value) {
  EDDY_ASSIGN(const int halved, half(value));
  EDDY_ASSIGN(const int quartered, half(halved));
  return quartered;
}

Result<void> check(int value) {
  EDDY_TRY(half(value));
  return {};
}

TEST(ResultTest, HoldsAValueOrAnError) {
  EXPECT_EQ(*half(4), 2);
  EXPECT_FALSE(half(3).ok());
  EXPECT_EQ(half(3).error().text, "3 is odd");
  EXPECT_EQ(half(3).error().code, Code::kBadData);
}

TEST(ResultTest, ErrorsTravelThroughTheMacros) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).error().text, "3 is odd");
  EXPECT_TRUE(check(2).ok());
  EXPECT_EQ(check(1).error().text, "1 is odd");
}

TEST(ResultTest, ContextStandsInFront) {
  const Error error = in_context("file.yaml:3:1", Error{Code::kConfig, "unknown key"});
  EXPECT_EQ(error.text, "file.yaml:3:1: unknown key");
  EXPECT_EQ(error.code, Code::kConfig);
}

TEST(ResultTest, MovesWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> made(std::make_unique<int>(7));
  const std::unique_ptr<int> taken = *std::move(made);
  EXPECT_EQ(*taken, 7);
}

}  // namespace
}  // namespace eddy::host
