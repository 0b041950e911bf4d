// SPDX-License-Identifier: Apache-2.0
#include "stream/partitioner.h"

#include <gtest/gtest.h>

#include <string>

namespace eddy::host {

// The answers of org.apache.kafka.common.utils.Utils.murmur2, from its own test.
TEST(Partitioner, AgreesWithKafkasJavaClient) {
  const auto answer = [](std::string_view text) { return static_cast<std::int32_t>(murmur2(text)); };
  EXPECT_EQ(answer("21"), -973932308);
  EXPECT_EQ(answer("foobar"), -790332482);
  EXPECT_EQ(answer("a-little-bit-long-string"), -985981536);
  EXPECT_EQ(answer("a-little-bit-longer-string"), -1486304829);
  EXPECT_EQ(answer("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"), -58897971);
  EXPECT_EQ(answer("abc"), 479470107);
}

TEST(Partitioner, TakesTheSignAwayAndThenTheRemainder) {
  EXPECT_EQ(partition_of_key("21", 10), (static_cast<std::uint32_t>(-973932308) & 0x7fffffffu) % 10);
  EXPECT_EQ(partition_of_key("abc", 10), 479470107u % 10);
  EXPECT_EQ(partition_of_key("abc", 1), 0u);
}

TEST(Partitioner, HashesBytesAboveAscii) {
  EXPECT_NE(murmur2("\xff\xfe\xfd"), murmur2("\x7f\x7e\x7d"));
  EXPECT_NE(murmur2(std::string_view("\0", 1)), murmur2(""));
}

}  // namespace eddy::host
