// SPDX-License-Identifier: Apache-2.0
#include "ingest/trace_context.h"

#include <gtest/gtest.h>

#include <string>

namespace eddy::host {
namespace {

const std::string kSampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceContext, KnowsATraceparent) {
  EXPECT_TRUE(is_traceparent(kSampled));
  EXPECT_TRUE(is_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"));
  EXPECT_TRUE(is_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what comes later"));
}

TEST(TraceContext, AndWhatIsNone) {
  for (const std::string& text : {
           std::string(),
           kSampled.substr(0, 54),
           kSampled + "-more",  // not of version 00
           kSampled + ".",      // nor this of any
           std::string("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
           std::string("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.x"),
           std::string("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"),
           std::string("00-00000000000000000000000000000000-b7ad6b7169203331-01"),
           std::string("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"),
           std::string("00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01"),
           std::string("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x"),
           std::string("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-") + std::string(1000, 'x'),
       }) {
    EXPECT_FALSE(is_traceparent(text)) << text;
  }
}

TEST(TraceContext, KeepsTheFirstMembersOfAState) {
  EXPECT_EQ(kept_tracestate("a=1,b=2"), "a=1,b=2");
  EXPECT_EQ(kept_tracestate(" a=1 "), "a=1");
  EXPECT_EQ(kept_tracestate(""), "");
  EXPECT_EQ(kept_tracestate("a=\x80"), "");
  EXPECT_EQ(kept_tracestate(std::string("a=\0", 3)), "");
  const std::string most(kLongestTracestate - 2, 'x');
  EXPECT_EQ(kept_tracestate("a=" + most), "a=" + most);
  EXPECT_EQ(kept_tracestate("a=" + most + ",b=2"), "a=" + most);
  EXPECT_EQ(kept_tracestate("a=1,b=" + most), "a=1");
  EXPECT_EQ(kept_tracestate("a=" + most + "x"), "");
}

}  // namespace
}  // namespace eddy::host
