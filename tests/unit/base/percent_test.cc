// SPDX-License-Identifier: Apache-2.0
#include "base/percent.h"

#include <gtest/gtest.h>

namespace eddy::host {
namespace {

TEST(Percent, EncodesWhatIsNotPlain) { EXPECT_EQ(percent_encode("a-b c&é/+%"), "a-b%20c%26%C3%A9%2F%2B%25"); }

TEST(Percent, DecodesWhatWasEncoded) {
  std::string all;
  for (int byte = 1; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_EQ(percent_decode("%c3%A9+1"), "é+1");
  EXPECT_EQ(percent_decode("a+b%2B", true), "a b+");
}

TEST(Percent, RefusesWhatIsNoByteOrZero) {
  for (const char* bad : {"%", "a%2", "%2G", "%%41", "% 1", "%00", "%+1"}) EXPECT_FALSE(percent_decode(bad)) << bad;
}

}  // namespace
}  // namespace eddy::host
