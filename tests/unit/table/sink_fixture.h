// SPDX-License-Identifier: Apache-2.0
// A sink over an empty database, and the rows that go into it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <stdexcept>

#include "table/table_sink.h"
#include "unit/model/model_fixture.h"
#include "unit/table/sink_bed.h"

namespace eddy::host {

using test::Declarations;
using test::Lines;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

inline eddy_value integer(std::int64_t i64) {
  eddy_value value{EDDY_VALUE_I64, 0, {}};
  value.as.i64 = i64;
  return value;
}
inline eddy_value unsigned_of(std::uint32_t kind, std::uint64_t u64) {
  eddy_value value{kind, 0, {}};
  value.as.u64 = u64;
  return value;
}
inline eddy_value number(double f64) {
  eddy_value value{EDDY_VALUE_F64, 0, {}};
  value.as.f64 = f64;
  return value;
}
inline eddy_value text(std::string_view text, std::uint32_t kind = EDDY_VALUE_STRING) {
  eddy_value value{kind, static_cast<std::uint32_t>(text.size()), {}};
  value.as.text = text.data();
  return value;
}
inline eddy_value time(std::int64_t us) {
  eddy_value value{EDDY_VALUE_TIMESTAMP, 0, {}};
  value.as.i64 = us;
  return value;
}
inline const eddy_value kAbsent{EDDY_VALUE_ABSENT, 0, {}};

class SinkTest : public testing::TestWithParam<std::unique_ptr<test::SinkBed> (*)()> {
 protected:
  TableSpec spec(const std::vector<Declarations::Field>& fields, OnConflict on_conflict = OnConflict::kRefuse) {
    return {"mo\"vies", *Model::compile(d.model("Movie", fields)), on_conflict};
  }
  // Titles are unique, where the database knows what that is.
  TableSpec titles(OnConflict on_conflict = OnConflict::kRefuse) {
    const bool key = bed->clickhouse() && on_conflict == OnConflict::kRefuse;
    return spec({{"Title", d.type(EDDY_TYPE_STRING), key ? EDDY_FIELD_KEY : EDDY_FIELD_UNIQUE},
                 {"gross", d.optional(d.type(EDDY_TYPE_I64)), bed->clickhouse() ? 0U : std::uint32_t{EDDY_FIELD_KEY}}},
                on_conflict);
  }
  std::unique_ptr<TableSink> open(const TableSpec& spec) {
    auto sink = open_table(bed->url(), spec);
    if (!sink) throw std::runtime_error(sink.error().text);  // ends the test, which could do nothing without it
    return *std::move(sink);
  }
  std::unique_ptr<TableSink> prepared(const TableSpec& spec) {
    auto sink = open(spec);
    const auto result = sink->prepare();
    EXPECT_TRUE(result.ok()) << result.error().text;
    return sink;
  }
  void add(std::vector<eddy_value> values) { rows_.push_back(std::move(values)); }
  // The rows added so far, as offsets from `from` on of partition 0.
  Result<std::vector<Refusal>> write(TableSink& sink, std::int64_t from = -1, std::span<const Refusal> before = {}) {
    std::vector<TableRow> rows;
    std::int64_t offset = std::max<std::int64_t>(from, 0);
    for (const auto& values : rows_) rows.push_back({0, offset++, values.data()});
    const FeedRange ranges[] = {{0, from, offset}};
    auto result = sink.write({"feed", ranges, rows, before});
    rows_.clear();
    return result;
  }
  Lines lines(const std::string& columns = "\"Title\", gross") {
    return bed->query("SELECT " + columns + " FROM \"mo\"\"vies\" ORDER BY 1");
  }
  std::string code(const char* sqlite, const char* postgres, const char* clickhouse = "") {
    return bed->clickhouse() ? clickhouse : bed->postgres() ? postgres : sqlite;
  }

  Declarations d;
  std::deque<std::vector<eddy_value>> rows_;
  std::unique_ptr<test::SinkBed> bed = GetParam()();
};

}  // namespace eddy::host
