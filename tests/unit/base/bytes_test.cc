// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <gtest/gtest.h>

namespace eddy::host {
namespace {

TEST(BytesTest, NullAndEmptyDiffer) {
  const Bytes null;
  const Bytes empty("");
  EXPECT_TRUE(null.null());
  EXPECT_FALSE(empty.null());
  EXPECT_TRUE(null.empty());
  EXPECT_TRUE(empty.empty());
  EXPECT_FALSE(null == empty);
  EXPECT_TRUE(null == Bytes());
  EXPECT_EQ(null.view(), empty.view());
}

TEST(BytesTest, AViewWithoutDataIsEmptyNotNull) {
  EXPECT_FALSE(Bytes(std::string_view()).null());
  EXPECT_FALSE(Bytes(std::string()).null());
}

TEST(BytesTest, ANullTextIsNull) {
  const char* text = nullptr;
  EXPECT_TRUE(Bytes(text).null());
  EXPECT_TRUE(Bytes(eddy_str{nullptr, 0}).null());
  EXPECT_EQ(Bytes().abi().data, nullptr);
}

TEST(BytesTest, ComparesContentWithZeroes) {
  EXPECT_TRUE(Bytes("a\0b", 3) == Bytes(std::string("a\0b", 3)));
  EXPECT_FALSE(Bytes("a\0b", 3) == Bytes("a\0c", 3));
  EXPECT_FALSE(Bytes("ab") == Bytes("abc"));
}

TEST(BytesTest, CrossesTheAbi) {
  EXPECT_EQ(to_view(to_abi("abc")), "abc");
  EXPECT_NE(to_abi(std::string_view()).data, nullptr);
}

}  // namespace
}  // namespace eddy::host
