// SPDX-License-Identifier: Apache-2.0
// The example in Rust, as it was built.
#include <gtest/gtest.h>

#include "shipped.h"

namespace eddy::test {
namespace {

TEST(RustMinimal, Converts) {
  FakePlugin plugin(shipped("rust_minimal"));
  ASSERT_EQ(plugin.described(), EDDY_OK) << plugin.refusal();
  EXPECT_EQ(plugin.run("fahrenheit", {"oslo 21.5"}).outputs.at(0).value, "OSLO 70.7");
  EXPECT_EQ(plugin.run("fahrenheit", {"\xc3\xa5lesund -40"}).outputs.at(0).value, "\xc3\x85LESUND -40.0");
  EXPECT_EQ(plugin.run("fahrenheit", {" \t"}).status, std::uint32_t{EDDY_FILTERED});
  EXPECT_EQ(plugin.run("fahrenheit", {""}).status, std::uint32_t{EDDY_FILTERED});
}

TEST(RustMinimal, FailsByReturning) {
  FakePlugin plugin(shipped("rust_minimal"));
  const Outcome unread = plugin.run("fahrenheit", {"oslo warm"});
  EXPECT_EQ(unread.status, std::uint32_t{EDDY_FAILED});
  EXPECT_EQ(unread.error_type, "ParseFloatError");
  EXPECT_EQ(unread.message, "warm: invalid float literal");
  EXPECT_EQ(plugin.run("fahrenheit", {"\xff 1"}).error_type, "Utf8Error");
  EXPECT_EQ(plugin.run("fahrenheit", {std::nullopt}).error_type, "NoValue");
}

TEST(RustMinimal, APanicStopsAtTheBoundary) {
  FakePlugin plugin(shipped("rust_minimal"));
  for (int i = 0; i < 3; ++i) {
    const Outcome panicked = plugin.run("fahrenheit", {"oslo"});
    EXPECT_EQ(panicked.status, std::uint32_t{EDDY_FAILED});
    EXPECT_EQ(panicked.error_type, "panic");
    EXPECT_EQ(panicked.message, "index out of bounds: the len is 1 but the index is 1");
  }
  EXPECT_EQ(plugin.run("fahrenheit", {"oslo 0"}).outputs.at(0).value, "OSLO 32.0");
}

}  // namespace
}  // namespace eddy::test
