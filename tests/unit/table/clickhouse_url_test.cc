// SPDX-License-Identifier: Apache-2.0
#include "table/clickhouse_url.h"

#include <gmock/gmock.h>

#include "table/clickhouse_error.h"

namespace eddy::host::table {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(ClickHouseUrl, Whole) {
  const auto url =
      parse_clickhouse_url("clickhouse://us%40er:p%3Aw%2F@db.example:9000/shop?max_memory_usage=1000&a=b%26");
  ASSERT_TRUE(url.ok()) << url.error().text;
  EXPECT_EQ(url->user, "us@er");
  EXPECT_EQ(url->password, "p:w/");
  EXPECT_EQ(url->host, "db.example");
  EXPECT_EQ(url->port, "9000");
  EXPECT_EQ(url->database, "shop");
  EXPECT_FALSE(url->secure);
  EXPECT_THAT(url->settings, ElementsAre(Pair("max_memory_usage", "1000"), Pair("a", "b&")));
  EXPECT_EQ(describe(*url), "clickhouse us@er@db.example:9000/shop");
}

TEST(ClickHouseUrl, Short) {
  const auto url = parse_clickhouse_url("clickhouse://db");
  ASSERT_TRUE(url.ok()) << url.error().text;
  EXPECT_EQ(describe(*url), "clickhouse default@db:8123/default");
  EXPECT_EQ(describe(*parse_clickhouse_url("clickhouse://[::1]:99/x")), "clickhouse default@::1:99/x");
  const auto secure = parse_clickhouse_url("clickhouse://u@db/?secure=1&ca_file=%2Fca.pem");
  ASSERT_TRUE(secure.ok());
  EXPECT_TRUE(secure->secure);
  EXPECT_EQ(secure->port, "8443");
  EXPECT_EQ(secure->ca_file, "/ca.pem");
}

TEST(ClickHouseError, TellsRowsFromTables) {
  EXPECT_TRUE(refuses_row(469));
  EXPECT_FALSE(refuses_row(60));
  EXPECT_EQ(to_error({60, "no such table"}, "here", "looking").code, Code::kConfig);
  EXPECT_EQ(to_error({252, "too many parts"}, "here", "writing").code, Code::kUnavailable);
  EXPECT_EQ(to_error({9999, "something new"}, "here", "writing").code, Code::kUnavailable);
  EXPECT_EQ(to_error({0, "gone"}, "here", "writing").text, "here: writing: gone; it is tried again");
}

TEST(ClickHouseError, ReadsTheServersWords) {
  EXPECT_EQ(plain_message("Code: 60. DB::Exception: Table x\ndoes not exist. (UNKNOWN_TABLE) (version 24.8.4.13)\n"),
            "Table x does not exist. (UNKNOWN_TABLE)");
  EXPECT_EQ(plain_message("Bad Gateway\n"), "Bad Gateway");
  EXPECT_EQ(refused_row("Constraint `c` for table t is violated at row 17. Expression: (a < 10)."), 17U);
  EXPECT_EQ(refused_row("Division by zero"), 0U);
  EXPECT_EQ(broken_condition({395, "eddy: claim: while executing 'FUNCTION throwIf"}), "claim");
  EXPECT_EQ(broken_condition({395, "somebody's own"}), "");
}

}  // namespace
}  // namespace eddy::host::table
