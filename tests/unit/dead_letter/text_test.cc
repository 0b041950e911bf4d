// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/text.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace eddy::host {
namespace {

TEST(Text, TimesAreThoseOfRfc3339WhateverCameBefore) {
  TimeWriter writer;
  for (const std::int64_t us :
       {0L, 1L, 999'999L, 1'000'000L, 999'998L, -1L, -999'999L, -1'000'000L, -1'000'001L, 1'763'929'865'000'123L,
        1'763'929'865'999'999L, 1'763'929'866'000'000L, 253'402'300'799'999'999L, 253'402'300'799'000'001L}) {
    std::string text;
    writer.append(text, us);
    EXPECT_EQ(text, to_rfc3339(us));
  }
}

TEST(Text, TimesPastTheLastYearStayAtItsEnd) {
  TimeWriter writer;
  std::string text;
  writer.append(text, INT64_MAX);
  writer.append(text, INT64_MAX);
  EXPECT_EQ(text, to_rfc3339(INT64_MAX) + to_rfc3339(INT64_MAX));
}

TEST(Text, Hex) {
  std::string bytes;
  for (int c = 0; c < 256; ++c) bytes.push_back(static_cast<char>(c));
  std::string text = "x";
  append_hex(text, bytes);
  ASSERT_EQ(text.size(), 513u);
  EXPECT_EQ(text.substr(0, 9), "x00010203");
  EXPECT_EQ(text.substr(505), "fcfdfeff");
}

TEST(Text, IntegersAreWholeOrNothing) {
  EXPECT_EQ(parse_integer<int>("-12"), -12);
  EXPECT_EQ(parse_integer<unsigned>("12"), 12u);
  EXPECT_FALSE(parse_integer<unsigned>("-12"));
  EXPECT_FALSE(parse_integer<int>(""));
  EXPECT_FALSE(parse_integer<int>("12 "));
  EXPECT_FALSE(parse_integer<std::uint8_t>("256"));
}

TEST(Text, Utf8IsRepaired) {
  std::string scratch;
  EXPECT_EQ(as_utf8("caf\xC3\xA9", scratch), "caf\xC3\xA9");
  EXPECT_EQ(as_utf8("a\xFF\xC3", scratch), "a\xEF\xBF\xBD\xEF\xBF\xBD");
}

}  // namespace
}  // namespace eddy::host
