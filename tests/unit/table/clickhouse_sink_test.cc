// SPDX-License-Identifier: Apache-2.0
// What ClickHouse does differently: no transactions, no unique values, no locks.
#include "table/clickhouse_sink.h"

#include <limits>
#include <random>

#include "unit/table/sink_fixture.h"

namespace eddy::host {
namespace {

class ClickHouseSinkTest : public SinkTest {
 protected:
  std::string refusal_of(const TableSpec& spec) {
    const auto opened = open_table(bed->url(), spec);
    EXPECT_FALSE(opened.ok());
    if (opened.ok()) return {};
    EXPECT_EQ(opened.error().code, Code::kConfig);
    return opened.error().text;
  }
  std::string fault_of(const TableSpec& spec) {
    const auto prepared = open(spec)->prepare();
    EXPECT_FALSE(prepared.ok());
    if (prepared.ok()) return {};
    EXPECT_EQ(prepared.error().code, Code::kConfig);
    return prepared.error().text;
  }
  // The last thing that was settled is no longer: as if the host had died before it.
  void unsettle() { bed->query("ALTER TABLE eddy_feeds DELETE WHERE writer = 0 SETTINGS mutations_sync = 2"); }
  std::deque<std::string> names;
  void add_named(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      add({text(names.emplace_back(std::to_string(names.size()))), integer(static_cast<std::int64_t>(i))});
    }
  }
};
INSTANTIATE_TEST_SUITE_P(ClickHouse, ClickHouseSinkTest, testing::Values(test::make_clickhouse_bed));

TEST_P(ClickHouseSinkTest, ReplaceCountsTheLastRow) {
  auto sink = prepared(titles(OnConflict::kReplace));
  add({text("a"), integer(1)});
  ASSERT_TRUE(write(*sink).ok());
  add({text("b"), integer(2)});
  add({text("a"), integer(3)});
  add({text("b"), integer(4)});
  const auto refused = write(*sink, 1);
  ASSERT_TRUE(refused.ok()) << refused.error().text;
  EXPECT_THAT(*refused, IsEmpty());
  EXPECT_THAT(bed->query("SELECT Title, gross FROM \"mo\"\"vies\" FINAL ORDER BY 1"), ElementsAre("a|3", "b|4"));
}

TEST_P(ClickHouseSinkTest, SaysWhatItCannotDoWithUniqueFields) {
  const auto unique = [&](const char* name, const eddy_type* type) {
    return Declarations::Field{name, type, EDDY_FIELD_UNIQUE};
  };
  const auto* i64 = d.type(EDDY_TYPE_I64);
  EXPECT_THAT(
      refusal_of(spec({unique("x", i64)})),
      HasSubstr("field x of model Movie is unique, and ClickHouse refuses no second row with the same value; say "
                "on_conflict: replace"));
  EXPECT_THAT(refusal_of(spec({unique("x", i64), unique("y", i64)}, OnConflict::kReplace)), HasSubstr("so is y"));
  EXPECT_THAT(refusal_of(spec({unique("x", d.optional(i64))}, OnConflict::kReplace)), HasSubstr("it may be absent"));
}

TEST_P(ClickHouseSinkTest, RefusesTablesThatTakeAnInsertInPieces) {
  bed->query("CREATE TABLE \"mo\"\"vies\" (Title String, gross Nullable(Int64)) ENGINE = Memory");
  EXPECT_THAT(fault_of(titles()), HasSubstr("found Memory"));
  bed->query("DROP TABLE \"mo\"\"vies\"");
  bed->query(
      "CREATE TABLE \"mo\"\"vies\" (Title String, gross Nullable(Int64)) ENGINE = MergeTree PARTITION BY Title "
      "ORDER BY tuple()");
  EXPECT_THAT(fault_of(titles()), HasSubstr("found one by Title"));
  bed->query("DROP TABLE \"mo\"\"vies\"");
  bed->query("CREATE TABLE \"mo\"\"vies\" (Title String, gross Nullable(Int64)) ENGINE = MergeTree ORDER BY Title");
  EXPECT_THAT(fault_of(titles(OnConflict::kReplace)), HasSubstr("and not a ReplacingMergeTree ordered by Title alone"));
  prepared(titles());
}

TEST_P(ClickHouseSinkTest, RefusesATableOfAnotherShapeAndSaysBoth) {
  bed->query(
      "CREATE TABLE \"mo\"\"vies\" (Title String ALIAS 'a', gross Nullable(String), own Int32) ENGINE = MergeTree "
      "ORDER BY tuple()");
  const std::string fault = fault_of(titles());
  EXPECT_THAT(fault, HasSubstr("column Title is computed by the table"));
  EXPECT_THAT(fault, HasSubstr("column gross must be Int64 and is String"));
  EXPECT_THAT(fault, HasSubstr("expected (Title String NOT NULL, gross Int64)"));
  EXPECT_THAT(fault, HasSubstr("found (Title String NOT NULL (computed), gross String, own Int32 NOT NULL)"));
}

TEST_P(ClickHouseSinkTest, AddsMissingColumnsAndLeavesTheTablesOwnAlone) {
  bed->query(
      "CREATE TABLE \"mo\"\"vies\" (Title LowCardinality(String), own Int32, filled Int32 DEFAULT 7) "
      "ENGINE = MergeTree ORDER BY Title");
  bed->query("INSERT INTO \"mo\"\"vies\" (Title) VALUES ('old')");
  auto sink = prepared(titles());
  add({text("new"), integer(1)});
  ASSERT_TRUE(write(*sink).ok());
  EXPECT_THAT(lines("*"), ElementsAre("new|0|7|1", "old|0|7|NULL")) << "what is hidden is not in it";
  EXPECT_THAT(lines("_eddy_batch > 0"), ElementsAre("0", "1"));
  auto again = prepared(titles());
  EXPECT_EQ(again->position("feed", 0)->next, 1);
}

TEST_P(ClickHouseSinkTest, LetsAColumnBeNull) {
  bed->query("CREATE TABLE \"mo\"\"vies\" (Title String, gross Int64) ENGINE = MergeTree ORDER BY Title");
  auto sink = prepared(titles());
  add({text("a"), kAbsent});
  ASSERT_TRUE(write(*sink).ok());
  EXPECT_THAT(lines(), ElementsAre("a|NULL"));
}

TEST_P(ClickHouseSinkTest, ABatchIsOnePart) {
  auto sink = prepared(titles());
  add_named(200'000);
  const auto refused = write(*sink);
  ASSERT_TRUE(refused.ok()) << refused.error().text;
  EXPECT_THAT(
      bed->query("SELECT rows, level FROM system.parts WHERE active AND database = currentDatabase() AND table = "
                 "'mo\"vies'"),
      ElementsAre("200000|0"));
}

TEST_P(ClickHouseSinkTest, AConstraintAddedBehindItsBackRefusesItsRowsOnly) {
  auto sink = prepared(titles());
  bed->query("ALTER TABLE \"mo\"\"vies\" ADD CONSTRAINT small CHECK gross < 10 OR gross > 190");
  ASSERT_TRUE(sink->prepare().ok());
  add_named(200);
  const Refusal before{0, 200, "ValidationError", "no row"};
  const auto refused = write(*sink, -1, {&before, 1});
  ASSERT_TRUE(refused.ok()) << refused.error().text;
  ASSERT_THAT(*refused, SizeIs(181));
  EXPECT_EQ(refused->front().offset, 10);
  EXPECT_EQ(refused->front().code, "469");
  EXPECT_THAT(refused->front().message, HasSubstr("Constraint `small`"));
  EXPECT_THAT(refused->front().message, HasSubstr("mo\"vies"));
  EXPECT_THAT(lines("count()"), ElementsAre("19"));
  EXPECT_EQ(sink->position("feed", 0)->refused.size(), 182U);
  EXPECT_THAT(bed->query("SELECT name FROM system.tables WHERE database = currentDatabase() ORDER BY 1"),
              ElementsAre("eddy_feeds", "mo\"vies"))
      << "what rows were tried in is gone";
}

TEST_P(ClickHouseSinkTest, NothingButBadRows) {
  auto sink = prepared(titles());
  bed->query("ALTER TABLE \"mo\"\"vies\" ADD CONSTRAINT none CHECK gross < 0");
  ASSERT_TRUE(sink->prepare().ok());
  add_named(1);
  EXPECT_THAT(*write(*sink), SizeIs(1));
  add_named(50);
  EXPECT_THAT(*write(*sink, 1), SizeIs(50));
  EXPECT_EQ(sink->position("feed", 0)->next, 51);
  EXPECT_THAT(lines(), IsEmpty());
}

TEST_P(ClickHouseSinkTest, AViewThatFailsRefusesItsRowsAndDoublesNone) {
  auto sink = prepared(titles());
  bed->query(
      "CREATE MATERIALIZED VIEW view ENGINE = MergeTree ORDER BY tuple() AS SELECT throwIf(gross = 3, 'three') AS x "
      "FROM \"mo\"\"vies\"");
  add_named(9);
  const auto refused = write(*sink);
  ASSERT_TRUE(refused.ok()) << refused.error().text;
  const std::string all = std::to_string(9 - refused->size());
  EXPECT_LE(refused->size(), 1U);
  EXPECT_THAT(lines("count(), uniqExact(Title)"), ElementsAre(all + "|" + all));
}

TEST_P(ClickHouseSinkTest, ABatchThatWasNotSettledIsFound) {
  auto sink = prepared(titles());
  const Refusal before{0, 2, "ValidationError", "no row"};
  add_named(2);
  ASSERT_TRUE(write(*sink, -1, {&before, 1}).ok());
  unsettle();
  auto other = prepared(titles());
  auto position = other->position("feed", 0);
  ASSERT_TRUE(position.ok()) << position.error().text;
  EXPECT_EQ(position->next, 2);
  EXPECT_EQ(other->position("feed", 0)->next, 2) << "it is settled now";
  bed->query("TRUNCATE TABLE \"mo\"\"vies\"");
  EXPECT_EQ(other->position("feed", 0)->next, 2) << "what is settled stays so";
}

TEST_P(ClickHouseSinkTest, ABatchThatNeverCameInIsForgotten) {
  auto sink = prepared(titles());
  add_named(2);
  ASSERT_TRUE(write(*sink).ok());
  unsettle();
  bed->query("TRUNCATE TABLE \"mo\"\"vies\"");
  auto other = prepared(titles());
  EXPECT_EQ(other->position("feed", 0)->next, -1);
  add_named(2);
  const auto late = write(*sink, 2);
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, Code::kConflict) << late.error().text;
  add_named(3);
  ASSERT_TRUE(write(*other).ok());
  EXPECT_THAT(lines("count()"), ElementsAre("3"));
}

class SlowClickHouseTest : public ClickHouseSinkTest {
 protected:
  static bool silent(const Error& error) {
    return error.code == Code::kUnavailable && error.text.find("did not answer for 3000 ms") != error.text.npos;
  }
  // On a busy machine the server may be too slow for more than was meant: that is asked again.
  template <typename Ask>
  static auto answered(const Ask& ask) {
    auto answer = ask();
    while (!answer.ok() && silent(answer.error())) answer = ask();
    return answer;
  }
  // Each of a batch's rows takes the server as long as the sink is patient: with all of them it is so late that the
  // sink's time is over before, also where the sink is kept from looking for a while.
  static constexpr std::size_t kRows = 4;
  std::unique_ptr<TableSink> slow_sink() {
    prepared(titles());
    bed->query("ALTER TABLE \"mo\"\"vies\" ADD CONSTRAINT slow CHECK sleepEachRow(3) = 0");
    const std::string url = bed->url() + "?function_sleep_max_microseconds_per_block=20000000";
    auto sink = *open_clickhouse_table({url, std::chrono::seconds(3)}, titles());
    const auto looked = answered([&] { return sink->prepare(); });
    EXPECT_TRUE(looked.ok()) << looked.error().text;
    return sink;
  }
  std::int64_t position_in_the_end(TableSink& sink) {
    const auto ask = [&] { return sink.position("feed", 0); };
    auto position = answered(ask);
    for (; !position.ok(); position = answered(ask)) {
      EXPECT_EQ(position.error().code, Code::kUnavailable) << position.error().text;
      EXPECT_THAT(position.error().text, HasSubstr("is still being written"));
    }
    return position->next;
  }
};
INSTANTIATE_TEST_SUITE_P(ClickHouse, SlowClickHouseTest, testing::Values(test::make_clickhouse_bed));

TEST_P(SlowClickHouseTest, IsWaitedFor) {
  const auto sink = slow_sink();
  std::int64_t next = -1;
  while (next < 0) {  // again, when the server was too slow for what comes before the rows
    add_named(kRows);
    const auto failed = write(*sink);
    ASSERT_FALSE(failed.ok());
    EXPECT_TRUE(silent(failed.error())) << failed.error().text;
    next = position_in_the_end(*sink);
  }
  EXPECT_EQ(next, static_cast<std::int64_t>(kRows));
  EXPECT_THAT(lines("count()"), ElementsAre(std::to_string(kRows)));
}

TEST_P(ClickHouseSinkTest, GoesOnAfterTheServerWasRestarted) {
  auto sink = prepared(titles());
  add({text("a"), integer(1)});
  ASSERT_TRUE(write(*sink).ok());
  test::restart_clickhouse();
  auto again = sink->prepare();
  ASSERT_TRUE(again.ok()) << again.error().text;
  ASSERT_EQ(sink->position("feed", 0)->next, 1);
  add({text("b"), integer(1)});
  ASSERT_TRUE(write(*sink, 1).ok());
  EXPECT_THAT(lines(), ElementsAre("a|1", "b|1"));
}

TEST_P(ClickHouseSinkTest, ATableMadeAnewBehindItsBackIsLookedAtAgain) {
  auto sink = prepared(titles());
  const std::string make = bed->query(
                                  "SELECT create_table_query FROM system.tables WHERE name = 'mo\"vies' AND database = "
                                  "currentDatabase()")
                               .front();
  bed->query("DROP TABLE \"mo\"\"vies\"");
  bed->query(make);
  add_named(1);
  const auto failed = write(*sink);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, Code::kConfig);
  EXPECT_THAT(failed.error().text, HasSubstr("somebody changed the table"));
}

// Requests get lost before, in and after their work, some are done late, and two hosts believe that they feed the same
// partitions. Each record is a row, or a refused one, once.
TEST_P(ClickHouseSinkTest, EachRecordEndsOnceWhateverIsLost) {
  const auto ids = spec({{"id", d.type(EDDY_TYPE_I64), EDDY_FIELD_KEY}, {"partition", d.type(EDDY_TYPE_I64)}});
  prepared(ids);
  bed->query("ALTER TABLE \"mo\"\"vies\" ADD CONSTRAINT odd CHECK id % 10 != 7");
  std::unique_ptr<TableSink> sinks[2];
  for (auto& sink : sinks) {
    sink = *open_table(bed->url() + "?fault=0.06", ids);
    static_cast<void>(sink->prepare());  // also when it fails: it is done again then
  }
  std::int64_t records = 200;
  std::int64_t next[2] = {};
  std::size_t refusals = 0;
  std::size_t faults = 0;
  std::mt19937 random(11);
  const auto learn = [&](std::int64_t partition, std::int64_t now, std::size_t refused) {
    if (std::max<std::int64_t>(now, 0) == next[partition]) return;
    ASSERT_GT(now, next[partition]);
    next[partition] = now;
    refusals += refused;
  };
  for (;;) {
    if (next[0] >= records && next[1] >= records) {
      if (faults > 10) break;
      records += 20;  // it is chance that decides what is lost: until enough was, else this run has shown nothing
    }
    TableSink& sink = *sinks[random() % 2];
    FeedRange ranges[2];
    bool known = true;
    for (std::uint32_t p = 0; p < 2 && known; ++p) {
      const auto position = sink.position("feed", p);
      known = position.ok();
      if (!known) break;
      learn(p, position->next, position->refused.size());
      ranges[p] = {p, position->next, std::min<std::int64_t>(next[p] + 1 + random() % 20, records)};
    }
    std::deque<std::array<eddy_value, 2>> values;
    std::vector<TableRow> rows;
    for (const FeedRange& range : ranges) {
      for (std::int64_t id = std::max<std::int64_t>(range.from, 0); known && id < range.next; ++id) {
        rows.push_back(
            {range.partition, id, values.emplace_back(std::array{integer(id), integer(range.partition)}).data()});
      }
    }
    const auto written = known ? sink.write({"feed", ranges, rows, {}}) : Error{Code::kUnavailable, ""};
    if (!written) {
      ++faults;
      ASSERT_NE(written.error().code, Code::kCorrupt) << written.error().text;
      static_cast<void>(sink.prepare());
      continue;
    }
    for (const FeedRange& range : ranges) {
      const auto own = [&](const Refusal& refusal) { return refusal.partition == range.partition; };
      learn(range.partition, range.next, static_cast<std::size_t>(std::ranges::count_if(*written, own)));
    }
  }
  EXPECT_EQ(static_cast<std::int64_t>(refusals), 2 * records / 10);
  const std::string rows = std::to_string(2 * records * 9 / 10);
  EXPECT_THAT(lines("count(), uniqExact(id, partition)"), ElementsAre(rows + "|" + rows));
}

TEST_P(ClickHouseSinkTest, ThePasswordIsInNoText) {
  EXPECT_THAT(open(titles())->describe(), testing::StartsWith("clickhouse eddy@127.0.0.1:"));
  for (const char* url :
       {"clickhouse://u:secret@word@127.0.0.1/x", "clickhouse://u:secret%zz@127.0.0.1/x",
        "clickhouse://u:secret@127.0.0.1:port/x", "clickhouse://u:secret@/x", "clickhouse://u:secret@h/x/y"}) {
    const auto broken = open_table(url, titles());
    ASSERT_FALSE(broken.ok()) << url;
    EXPECT_EQ(broken.error().code, Code::kConfig);
    EXPECT_THAT(broken.error().text, Not(HasSubstr("secret")));
  }
  const auto away = (*open_table("clickhouse://u:secret@127.0.0.1:1/x", titles()))->prepare();
  ASSERT_FALSE(away.ok());
  EXPECT_EQ(away.error().code, Code::kUnavailable);
  EXPECT_THAT(away.error().text, HasSubstr("clickhouse u@127.0.0.1:1/x, table"));
  EXPECT_THAT(away.error().text, Not(HasSubstr("secret")));
  std::string wrong = bed->url();
  wrong.replace(wrong.find("secret"), 6, "absurd");
  const auto refused = (*open_table(wrong, titles()))->prepare();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kConfig);
  EXPECT_THAT(refused.error().text, HasSubstr("look at user and password"));
}

class ClickHouseTlsTest : public SinkTest {
 protected:
  // What prepare() says with another url.
  std::string fault_with(std::string url) {
    const auto prepared = (*open_table(url, titles()))->prepare();
    EXPECT_FALSE(prepared.ok());
    return prepared.ok() ? "" : prepared.error().text;
  }
  std::string replaced(const std::string& part, const std::string& by) {
    std::string url = bed->url();
    return url.replace(url.find(part), part.size(), by);
  }
};
INSTANTIATE_TEST_SUITE_P(ClickHouse, ClickHouseTlsTest, testing::Values(test::make_secure_clickhouse_bed));

TEST_P(ClickHouseTlsTest, WritesToAServerThatItTrusts) {
  auto sink = prepared(titles());
  add({text("a"), integer(1)});
  ASSERT_TRUE(write(*sink).ok());
  EXPECT_THAT(lines(), ElementsAre("a|1"));
  EXPECT_THAT(fault_with(bed->url().substr(0, bed->url().find("&ca_file"))), HasSubstr("certificate verify failed"));
  EXPECT_THAT(fault_with(replaced("localhost", "127.0.0.1")), HasSubstr("certificate verify failed"));
  EXPECT_THAT(fault_with(replaced("ca.pem", "log")), HasSubstr("expected certificates as PEM"));
  EXPECT_THAT(fault_with(replaced("?secure=1&", "?")), HasSubstr("it is tried again"));
}

}  // namespace
}  // namespace eddy::host
