// SPDX-License-Identifier: Apache-2.0
// What every database does that keeps positions with its rows.
#include <limits>

#include "table/sqlite_sink.h"
#include "unit/table/sink_fixture.h"

namespace eddy::host {
namespace {

// What databases do that know unique values, locks and an INSERT that is a transaction.
class RelationalSinkTest : public SinkTest {};

TEST_P(SinkTest, MakesTheTableAndWritesRowsAndPosition) {
  auto sink = prepared(titles());
  EXPECT_EQ(sink->position("feed", 0)->next, -1);
  add({text("a"), integer(1)});
  add({text("tab\tnew\nline\\ \r \"q\" é"), kAbsent});
  const auto refused = write(*sink);
  ASSERT_TRUE(refused.ok()) << refused.error().text;
  EXPECT_THAT(*refused, IsEmpty());
  EXPECT_THAT(lines(), ElementsAre("a|1", "tab\tnew\nline\\ \r \"q\" é|NULL"));
  EXPECT_EQ(sink->position("feed", 0)->next, 2);
  EXPECT_EQ(sink->position("other", 0)->next, -1);
  EXPECT_EQ(sink->position("feed", 1)->next, -1);
  EXPECT_EQ(prepared(titles())->position("feed", 0)->next, 2);
}

TEST_P(SinkTest, EveryTypeComesBackAsWritten) {
  const auto* point = d.model("Point", {{"x", d.type(EDDY_TYPE_F64)}});
  auto sink = prepared(spec({{"b", d.type(EDDY_TYPE_BOOL)},
                             {"i8", d.type(EDDY_TYPE_I8)},
                             {"i64", d.type(EDDY_TYPE_I64)},
                             {"u32", d.type(EDDY_TYPE_U32)},
                             {"u64", d.type(EDDY_TYPE_U64)},
                             {"f32", d.type(EDDY_TYPE_F32)},
                             {"f64", d.type(EDDY_TYPE_F64)},
                             {"e", d.symbols({"red", "green"})},
                             {"t", d.type(EDDY_TYPE_TIMESTAMP)},
                             {"y", d.type(EDDY_TYPE_TIMESTAMP)},
                             {"p", d.nested(point)},
                             {"l", d.list(d.type(EDDY_TYPE_I8))},
                             {"j", d.type(EDDY_TYPE_JSON)}}));
  const eddy_value x = number(0.5);
  eddy_value nested{EDDY_VALUE_ROW, 1, {}};
  nested.as.values = &x;
  const eddy_value elements[] = {integer(1), integer(2)};
  eddy_value list{EDDY_VALUE_LIST, 2, {}};
  list.as.values = elements;
  add({unsigned_of(EDDY_VALUE_BOOL, 1), integer(-128), integer(std::numeric_limits<std::int64_t>::min()),
       unsigned_of(EDDY_VALUE_U64, 4'294'967'295), unsigned_of(EDDY_VALUE_U64, 9'223'372'036'854'775'807),
       number(static_cast<double>(0.1F)), number(1e300), unsigned_of(EDDY_VALUE_ENUM, 1), time(1'700'000'000'123'456),
       time(bed->clickhouse() ? -2'208'988'800'000'000 : -62'167'219'200'000'000), nested, list,
       text(R"({"k": "v\n"})", EDDY_VALUE_JSON)});
  const auto refused = write(*sink);
  ASSERT_TRUE(refused.ok()) << refused.error().text;
  ASSERT_THAT(*refused, IsEmpty());
  const std::string all = "b, i8, i64, u32, u64, f32, f64, e, t, y, p, l, j";
  if (bed->postgres()) {
    EXPECT_THAT(lines(all), ElementsAre("t|-128|-9223372036854775808|4294967295|9223372036854775807|0.1|1e+300|green|"
                                        "2023-11-14 22:13:20.123456+00|0001-01-01 00:00:00+00 BC|{\"x\": 0.5}|[1, 2]|"
                                        "{\"k\": \"v\\n\"}"));
  } else if (bed->clickhouse()) {
    EXPECT_THAT(lines(all),
                ElementsAre("true|-128|-9223372036854775808|4294967295|9223372036854775807|0.1|1e+300|green|"
                            "2023-11-14 22:13:20.123456|1900-01-01 00:00:00.000000|{\"x\":0.5}|[1,2]|"
                            "{\"k\": \"v\\n\"}"));
  } else {
    EXPECT_THAT(lines(all), ElementsAre("1|-128|-9223372036854775808|4294967295|9223372036854775807|0.100000001490116|"
                                        "1.0e+300|green|2023-11-14T22:13:20.123456Z|0000-01-01T00:00:00.000000Z|"
                                        "{\"x\":0.5}|[1,2]|{\"k\": \"v\\n\"}"));
  }
}

TEST_P(SinkTest, ValuesThatNoColumnCanHoldAreRefusedRows) {
  auto sink =
      prepared(spec({{"f", d.type(EDDY_TYPE_F32)}, {"t", d.type(EDDY_TYPE_TIMESTAMP)}, {"u", d.type(EDDY_TYPE_U64)}}));
  const eddy_value one = unsigned_of(EDDY_VALUE_U64, 1);
  add({number(std::numeric_limits<double>::quiet_NaN()), time(0), one});
  add({number(1e300), time(0), one});
  add({number(1), time(std::numeric_limits<std::int64_t>::max()), one});
  add({number(1), time(0), unsigned_of(EDDY_VALUE_U64, std::numeric_limits<std::uint64_t>::max())});
  add({number(1), kAbsent, one});
  const auto refused = write(*sink);
  ASSERT_TRUE(refused.ok()) << refused.error().text;
  const bool wide = bed->postgres() || bed->clickhouse();  // what keeps every u64
  ASSERT_THAT(*refused, SizeIs(wide ? 4 : 5));
  EXPECT_EQ(refused->at(0).code, code("SQLITE_MISMATCH", "22003", "321"));
  EXPECT_THAT(refused->at(0).message, HasSubstr("column f: expected a finite number, found nan"));
  EXPECT_EQ(refused->at(2).code, code("SQLITE_MISMATCH", "22008", "321"));
  EXPECT_THAT(refused->back().message, HasSubstr("column t"));
  EXPECT_THAT(lines("u"), testing::ElementsAreArray(wide ? Lines{"18446744073709551615"} : Lines{}));
}

TEST_P(SinkTest, NulCharacterInText) {
  auto sink = prepared(titles());
  add({text(std::string_view("a\0b", 3)), kAbsent});
  add({text("c"), kAbsent});
  const auto refused = write(*sink);
  ASSERT_TRUE(refused.ok()) << refused.error().text;
  if (bed->postgres()) {
    ASSERT_THAT(*refused, SizeIs(1));
    EXPECT_EQ(refused->front().code, "22021");
  } else {
    EXPECT_THAT(lines("length(CAST(\"Title\" AS BLOB))"), ElementsAre("1", "3"));
  }
}

TEST_P(RelationalSinkTest, ThreeBadRowsOfAThousandStandAlone) {
  auto sink = prepared(titles());
  std::deque<std::string> names;
  for (int i = 0; i < 1000; ++i) {
    const bool repeated = i == 1 || i == 500 || i == 999;
    add({text(names.emplace_back(std::to_string(repeated ? 0 : i))), integer(i)});
  }
  const Refusal before{0, 1000, "ValidationError", "no row"};
  const auto refused = write(*sink, -1, std::span(&before, 1));
  ASSERT_TRUE(refused.ok()) << refused.error().text;
  ASSERT_THAT(*refused, SizeIs(3));
  EXPECT_EQ(refused->at(0).offset, 1);
  EXPECT_EQ(refused->at(1).offset, 500);
  EXPECT_EQ(refused->at(2).offset, 999);
  EXPECT_EQ(refused->at(0).code, code("SQLITE_CONSTRAINT_UNIQUE", "23505"));
  EXPECT_THAT(refused->at(0).message,
              HasSubstr(code("UNIQUE constraint failed", "Key (\"Title\")=(0) already exists")));
  EXPECT_THAT(lines("count(*)"), ElementsAre("997"));
  const auto position = sink->position("feed", 0);
  ASSERT_THAT(position->refused, SizeIs(4));
  EXPECT_EQ(position->refused[0], refused->at(0));
  EXPECT_EQ(position->refused[3], before);
}

TEST_P(RelationalSinkTest, NothingButBadRows) {
  auto sink = prepared(titles());
  for (int i = 0; i < 50; ++i) add({text("same"), integer(i)});
  const auto refused = write(*sink);
  ASSERT_TRUE(refused.ok()) << refused.error().text;
  EXPECT_THAT(*refused, SizeIs(49));
  EXPECT_THAT(lines(), ElementsAre("same|0"));
}

TEST_P(RelationalSinkTest, ReplaceKeepsTheLastAndTheTablesOwnColumns) {
  auto sink = prepared(titles(OnConflict::kReplace));
  bed->query("ALTER TABLE \"mo\"\"vies\" ADD COLUMN own TEXT");
  add({text("a"), integer(1)});
  ASSERT_TRUE(write(*sink).ok());
  bed->query("UPDATE \"mo\"\"vies\" SET own = 'kept'");
  add({text("b"), integer(2)});
  add({text("a"), integer(3)});
  add({text("b"), integer(4)});
  const auto refused = write(*sink, 1);
  ASSERT_TRUE(refused.ok()) << refused.error().text;
  EXPECT_THAT(*refused, IsEmpty());
  EXPECT_THAT(lines("\"Title\", gross, own"), ElementsAre("a|3|kept", "b|4|NULL"));
}

TEST_P(RelationalSinkTest, ReplaceByTwoColumnsTakesEveryRowInConflictAway) {
  auto sink = prepared(spec(
      {{"x", d.type(EDDY_TYPE_I64), EDDY_FIELD_UNIQUE}, {"y", d.optional(d.type(EDDY_TYPE_I64)), EDDY_FIELD_UNIQUE}},
      OnConflict::kReplace));
  add({integer(1), integer(10)});
  add({integer(2), integer(20)});
  add({integer(3), kAbsent});
  ASSERT_TRUE(write(*sink).ok());
  add({integer(1), integer(20)});
  add({integer(4), kAbsent});
  const auto refused = write(*sink, 3);
  ASSERT_TRUE(refused.ok()) << refused.error().text;
  EXPECT_THAT(lines("x, y"), ElementsAre("1|20", "3|NULL", "4|NULL"));
}

TEST_P(SinkTest, OfTwoSinksAtOnePlaceOneWrites) {
  auto first = prepared(titles());
  auto second = prepared(titles());
  add({text("a"), integer(1)});
  ASSERT_TRUE(write(*first).ok());
  add({text("b"), integer(1)});
  auto late = write(*second);
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, Code::kConflict) << late.error().text;
  ASSERT_EQ(second->position("feed", 0)->next, 1);
  add({text("b"), integer(1)});
  ASSERT_TRUE(write(*second, 1).ok());
  add({text("c"), integer(1)});
  EXPECT_EQ(write(*first, 1).error().code, Code::kConflict);
  EXPECT_THAT(lines(), ElementsAre("a|1", "b|1"));
}

TEST_P(RelationalSinkTest, AddsMissingColumnsAndLeavesTheTablesOwnAlone) {
  bed->query("CREATE TABLE \"mo\"\"vies\" (\"Title\" TEXT, own TEXT, filled INTEGER NOT NULL DEFAULT 7)");
  bed->query("INSERT INTO \"mo\"\"vies\" (\"Title\") VALUES ('old')");
  auto sink = prepared(titles());
  add({text("new"), integer(1)});
  add({text("old"), integer(1)});
  const auto refused = write(*sink);
  ASSERT_TRUE(refused.ok()) << refused.error().text;
  EXPECT_THAT(*refused, SizeIs(1)) << "the unique index is made on an existing table too";
  EXPECT_THAT(lines("\"Title\", gross, filled"), ElementsAre("new|1|7", "old|NULL|7"));
}

TEST_P(RelationalSinkTest, RefusesATableOfAnotherShapeAndSaysBoth) {
  bed->query("CREATE TABLE \"mo\"\"vies\" (\"Title\" TEXT, gross TEXT, own INTEGER NOT NULL)");
  const auto result = open(titles())->prepare();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, Code::kConfig);
  EXPECT_THAT(result.error().text,
              HasSubstr(code("column gross must be INTEGER and is TEXT", "column gross must be bigint and is text")));
  EXPECT_THAT(result.error().text, HasSubstr("column own is NOT NULL without a default"));
  EXPECT_THAT(result.error().text,
              HasSubstr(code("expected (Title TEXT NOT NULL UNIQUE", "expected (Title text NOT NULL UNIQUE")));
  EXPECT_THAT(result.error().text,
              HasSubstr(code("found (Title TEXT, gross TEXT, own INTEGER NOT NULL)", "found (Title text, gross text")));
}

TEST_P(RelationalSinkTest, RefusesToMakeAColumnUniqueWhoseValuesRepeat) {
  bed->query("CREATE TABLE \"mo\"\"vies\" (\"Title\" TEXT)");
  bed->query("INSERT INTO \"mo\"\"vies\" VALUES ('a'), ('a')");
  const auto result = open(titles())->prepare();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, Code::kConfig);
  EXPECT_THAT(result.error().text, HasSubstr("column Title must be unique and values repeat"));
  EXPECT_THAT(bed->query("SELECT * FROM \"mo\"\"vies\""), ElementsAre("a", "a")) << "no column was added either";
}

TEST_P(SinkTest, ATableChangedBehindItsBackRefusesNoRow) {
  auto sink = prepared(titles());
  bed->query("ALTER TABLE \"mo\"\"vies\" RENAME COLUMN gross TO other");
  add({text("a"), integer(1)});
  const auto failed = write(*sink);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, Code::kConfig) << failed.error().text;
  ASSERT_TRUE(sink->prepare().ok());
  add({text("a"), integer(1)});
  ASSERT_TRUE(write(*sink).ok());
  EXPECT_THAT(lines("\"Title\", gross, other"), ElementsAre("a|1|NULL"));
}

// The value of an index, which the table's owner has made, cannot be computed of the row.
TEST_P(RelationalSinkTest, ARowThatAnIndexOfAnExpressionCannotTakeIsRefusedAlone) {
  auto sink = prepared(titles());
  bed->query(code("CREATE INDEX own ON \"mo\"\"vies\" (json_extract(\"Title\", '$.x'))",
                  "CREATE INDEX own ON \"mo\"\"vies\" ((\"Title\"::jsonb -> 'x'))"));
  add({text("{}"), integer(1)});
  add({text("no json"), integer(2)});
  add({text("[]"), integer(3)});
  const auto refused = write(*sink);
  ASSERT_TRUE(refused.ok()) << refused.error().text;
  ASSERT_THAT(*refused, SizeIs(1));
  EXPECT_EQ(refused->front().offset, 1);
  EXPECT_EQ(refused->front().code, code("SQLITE_ERROR", "22P02"));
  EXPECT_THAT(lines(), ElementsAre("[]|3", "{}|1"));
  EXPECT_THAT(sink->position("feed", 0)->refused, SizeIs(1));
}

// SQLite computes an older index only after the rows in conflict are gone.
TEST_P(RelationalSinkTest, ARefusedReplacementTakesNoRowAway) {
  bed->query("CREATE TABLE \"mo\"\"vies\" (" + code("x INTEGER, y INTEGER, t TEXT", "x bigint, y bigint, t text") +
             ")");
  bed->query(code("CREATE INDEX own ON \"mo\"\"vies\" (json_extract(t, '$.x'))",
                  "CREATE INDEX own ON \"mo\"\"vies\" ((t::jsonb -> 'x'))"));
  auto sink = prepared(spec({{"x", d.optional(d.type(EDDY_TYPE_I64)), EDDY_FIELD_UNIQUE},
                             {"y", d.optional(d.type(EDDY_TYPE_I64)), EDDY_FIELD_UNIQUE},
                             {"t", d.optional(d.type(EDDY_TYPE_STRING))}},
                            OnConflict::kReplace));
  add({integer(1), integer(10), text("{}")});
  add({integer(2), integer(20), text("{}")});
  ASSERT_TRUE(write(*sink).ok());
  add({integer(1), integer(20), text("no json")});
  add({integer(3), integer(30), text("{}")});
  const auto refused = write(*sink, 2);
  ASSERT_TRUE(refused.ok()) << refused.error().text;
  ASSERT_THAT(*refused, SizeIs(1));
  EXPECT_EQ(refused->front().offset, 2);
  EXPECT_THAT(lines("x, y"), ElementsAre("1|10", "2|20", "3|30"));
}

TEST_P(SinkTest, ATableDroppedBehindItsBackIsMadeAgain) {
  auto sink = prepared(titles());
  bed->query("DROP TABLE \"mo\"\"vies\"");
  add({text("a"), integer(1)});
  EXPECT_EQ(write(*sink).error().code, Code::kConfig);
  ASSERT_TRUE(sink->prepare().ok());
  EXPECT_EQ(sink->position("feed", 0)->next, -1);
  add({text("a"), integer(1)});
  ASSERT_TRUE(write(*sink).ok());
}

TEST_P(RelationalSinkTest, ALockedTableIsUnavailable) {
  // Impatient with a lock, and with nothing else.
  auto sink = bed->postgres() ? *open_table(bed->url() + "%20-c%20lock_timeout%3D300", titles())
                              : *open_sqlite_table({bed->url().substr(7), 20}, titles());
  ASSERT_TRUE(sink->prepare().ok());
  bed->query(bed->postgres() ? "BEGIN; LOCK TABLE \"mo\"\"vies\"" : "BEGIN IMMEDIATE");
  add({text("a"), integer(1)});
  const auto failed = write(*sink);
  bed->query("ROLLBACK");
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, Code::kUnavailable) << failed.error().text;
  add({text("a"), integer(1)});
  EXPECT_TRUE(write(*sink).ok());
}

INSTANTIATE_TEST_SUITE_P(Sqlite, SinkTest, testing::Values(test::make_sqlite_bed));
INSTANTIATE_TEST_SUITE_P(Postgres, SinkTest, testing::Values(test::make_postgres_bed));
INSTANTIATE_TEST_SUITE_P(ClickHouse, SinkTest, testing::Values(test::make_clickhouse_bed));
INSTANTIATE_TEST_SUITE_P(Sqlite, RelationalSinkTest, testing::Values(test::make_sqlite_bed));
INSTANTIATE_TEST_SUITE_P(Postgres, RelationalSinkTest, testing::Values(test::make_postgres_bed));

TEST_P(SinkTest, LooksAndMakesNothing) {
  const auto sink = open(titles());
  const auto none = sink->look();
  ASSERT_TRUE(none.ok()) << none.error().text;
  ASSERT_TRUE(sink->prepare().ok()) << "it is still to be made";
  EXPECT_TRUE(sink->look().ok());
  const auto other = open(spec({{"Title", d.type(EDDY_TYPE_I64), 0}, {"more", d.optional(d.type(EDDY_TYPE_I64)), 0}}));
  const auto looked = other->look();
  ASSERT_FALSE(looked.ok());
  EXPECT_EQ(looked.error().code, Code::kConfig);
  EXPECT_THAT(looked.error().text, HasSubstr("column Title must be"));
  EXPECT_EQ(looked.error().text, other->prepare().error().text);
}

class SqliteSinkTest : public SinkTest {};
INSTANTIATE_TEST_SUITE_P(Sqlite, SqliteSinkTest, testing::Values(test::make_sqlite_bed));

TEST_P(SqliteSinkTest, ATriggerThatNamesAMissingTableRefusesNoRow) {
  auto sink = prepared(titles());
  bed->query("CREATE TRIGGER own AFTER INSERT ON \"mo\"\"vies\" BEGIN INSERT INTO audit VALUES (new.gross); END");
  add({text("a"), integer(1)});
  const auto failed = write(*sink);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, Code::kConfig);
  EXPECT_THAT(failed.error().text, HasSubstr("no such table: main.audit"));
  bed->query("CREATE TABLE audit (gross INTEGER)");
  add({text("a"), integer(1)});
  ASSERT_TRUE(write(*sink).ok());
}

class PostgresSinkTest : public SinkTest {};
INSTANTIATE_TEST_SUITE_P(Postgres, PostgresSinkTest, testing::Values(test::make_postgres_bed));

TEST_P(PostgresSinkTest, GoesOnAfterTheServerWasRestarted) {
  auto sink = prepared(titles());
  add({text("a"), integer(1)});
  ASSERT_TRUE(write(*sink).ok());
  test::restart_postgres();
  add({text("b"), integer(1)});
  EXPECT_EQ(write(*sink, 1).error().code, Code::kUnavailable);
  const auto again = sink->prepare();
  ASSERT_TRUE(again.ok()) << again.error().text;
  ASSERT_EQ(sink->position("feed", 0)->next, 1);
  add({text("b"), integer(1)});
  ASSERT_TRUE(write(*sink, 1).ok());
  EXPECT_THAT(lines(), ElementsAre("a|1", "b|1"));
}

TEST_P(PostgresSinkTest, AConstraintAddedBehindItsBackRefusesItsRowsOnly) {
  auto sink = prepared(titles());
  bed->query("ALTER TABLE \"mo\"\"vies\" ADD CHECK (gross < 10)");
  for (int i = 8; i < 12; ++i) add({text(i < 10 ? (i == 8 ? "a" : "b") : (i == 10 ? "c" : "d")), integer(i)});
  const auto refused = write(*sink);
  ASSERT_TRUE(refused.ok()) << refused.error().text;
  ASSERT_THAT(*refused, SizeIs(2));
  EXPECT_EQ(refused->front().code, "23514");
  EXPECT_THAT(lines(), ElementsAre("a|8", "b|9"));
}

// A trigger may give its refusal any code.
TEST_P(PostgresSinkTest, WhatATriggerRefusesIsTheRowsWhateverItsCode) {
  auto sink = prepared(titles());
  bed->query(
      "CREATE FUNCTION own() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "IF NEW.gross IS NULL THEN RAISE 'not this' USING ERRCODE = NEW.\"Title\"; END IF; RETURN NEW; END $$; "
      "CREATE TRIGGER own BEFORE INSERT ON \"mo\"\"vies\" FOR EACH ROW EXECUTE FUNCTION own()");
  std::int64_t from = -1;
  std::deque<std::string> titles_that_fit;
  for (const char* state :
       {"45000", "P0002", "P0003", "P0004", "20000", "21000", "38000", "39000", "27000", "54001", "UE123", "99999"}) {
    add({text(titles_that_fit.emplace_back(std::string(state) + " fits")), integer(1)});
    add({text(state), kAbsent});
    const auto refused = write(*sink, from);
    ASSERT_TRUE(refused.ok()) << state << ": " << refused.error().text;
    ASSERT_THAT(*refused, SizeIs(1)) << state;
    EXPECT_EQ(refused->front().code, state);
    from = std::max<std::int64_t>(from, 0) + 2;
  }
  for (const char* state : {"40001", "53100", "57014", "58030", "XX000", "42501"}) {
    add({text(state), kAbsent});
    EXPECT_FALSE(write(*sink, from).ok()) << state;
  }
}

TEST_P(PostgresSinkTest, ThePasswordIsInNoText) {
  EXPECT_THAT(open(titles())->describe(), Not(HasSubstr("secret")));
  const auto broken = open_table("postgresql://u:secret@word@127.0.0.1/x", titles());
  ASSERT_FALSE(broken.ok());
  EXPECT_THAT(broken.error().text, Not(HasSubstr("secret")));
  const auto away = (*open_table("postgresql://u:secret@127.0.0.1:1/x", titles()))->prepare();
  ASSERT_FALSE(away.ok());
  EXPECT_EQ(away.error().code, Code::kUnavailable);
  EXPECT_THAT(away.error().text, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace eddy::host
