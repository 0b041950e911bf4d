// SPDX-License-Identifier: Apache-2.0
#include "table/clickhouse_shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "table/clickhouse_rows.h"

namespace eddy::host::table {
namespace {

constexpr std::array<std::string_view, 3> kFamilies = {"", "Replicated", "Shared"};

// "Nullable(Int64)" is Int64 to the word, and says that it takes NULL.
bool unwrap(std::string& type, std::string_view wrapper) {
  if (!type.starts_with(wrapper) || !type.ends_with(')')) return false;
  type = type.substr(wrapper.size(), type.size() - wrapper.size() - 1);
  return true;
}

// How it is stored and in which time zone it is shown makes no difference to what is written.
FoundColumn found_column(const std::string& name, std::string type, const std::string& default_kind) {
  unwrap(type, "LowCardinality(");
  FoundColumn column;
  column.not_null = !unwrap(type, "Nullable(");
  if (type.starts_with("DateTime64(6")) type = "DateTime64(6, 'UTC')";
  column.name = name;
  column.type = std::move(type);
  column.fills_itself = default_kind == "DEFAULT";
  column.generated = !default_kind.empty() && !column.fills_itself;
  return column;
}

struct FoundTable {
  std::string engine;  // empty: there is none
  std::string partition_key;
  TableShape shape;
  bool counts_batches = false;  // has the hidden columns

  bool replaces() const { return engine.ends_with("ReplacingMergeTree"); }
};

std::string place_of(const std::string& table, std::string_view column) {
  return fmt::format("database = currentDatabase() AND {} = {}", column, quote_text(table));
}

Result<FoundTable> find_table(ClickHouseConnection& connection, const std::string& table) {
  FoundTable found;
  EDDY_ASSIGN(const auto tables,
              connection.select("SELECT engine, partition_key FROM system.tables WHERE " + place_of(table, "name"),
                                "looking for the table"));
  if (tables.empty()) return found;
  found.engine = tables.front()[0];
  found.partition_key = tables.front()[1];
  EDDY_ASSIGN(const auto columns,
              connection.select("SELECT name, type, default_kind, is_in_sorting_key FROM system.columns WHERE " +
                                    place_of(table, "table") + " ORDER BY position",
                                "looking at the table"));
  std::vector<std::string> sorted;
  for (const auto& column : columns) {
    if (column[0] == kBatchColumn) found.counts_batches = true;
    if (column[0] == kBatchColumn || column[0] == kGivenBatchColumn) continue;
    found.shape.columns.push_back(found_column(column[0], column[1], column[2]));
    if (column[3] == "1") sorted.push_back(column[0]);
  }
  if (found.replaces() && sorted.size() == 1) found.shape.unique.insert(sorted.front());
  return found;
}

std::string batch_columns() {
  return fmt::format("{1} UInt64 EPHEMERAL 0, {0} UInt64 MATERIALIZED {1}, INDEX {0} {0} TYPE minmax GRANULARITY 1",
                     kBatchColumn, kGivenBatchColumn);
}

std::string order_by(const std::vector<Column>& columns, bool replacing) {
  std::string text;
  for (const Column& column : columns) {
    if (replacing ? column.unique : column.key) text += (text.empty() ? "" : ", ") + column.quoted;
  }
  return text.empty() ? "tuple()" : "(" + text + ")";
}

Result<void> create_table(ClickHouseConnection& connection, const TableSpec& spec, const std::vector<Column>& columns,
                          bool replacing) {
  std::string list;
  for (const Column& column : columns) list += fmt::format("{} {}, ", column.quoted, full_type(column));
  const bool nullable_key = std::ranges::any_of(columns, [](const Column& c) { return c.key && c.nullable; });
  return connection.must(
      fmt::format("CREATE TABLE IF NOT EXISTS {} ({}{}) ENGINE = {} ORDER BY {} SETTINGS {}{}",
                  clickhouse_name(spec.name), list, batch_columns(), replacing ? "ReplacingMergeTree" : "MergeTree",
                  order_by(columns, replacing), kDurable, nullable_key ? ", allow_nullable_key = 1" : ""),
      "creating the table");
}

// Only what takes an INSERT in whole, or not at all, and keeps each row of it.
Result<void> check_kind(const FoundTable& found, const std::string& where) {
  const auto is = [&](std::string_view family) {
    return found.engine == fmt::format("{}MergeTree", family) ||
           found.engine == fmt::format("{}ReplacingMergeTree", family);
  };
  if (std::ranges::none_of(kFamilies, is)) {
    return Error{Code::kConfig, fmt::format("{}: expected a table of the engine MergeTree or ReplacingMergeTree, found "
                                            "{}; rename it, so that a new one is made",
                                            where, found.engine)};
  }
  if (found.partition_key.empty()) return {};
  return Error{Code::kConfig, fmt::format("{}: expected a table without PARTITION BY, found one by {}: rows of several "
                                          "partitions do not go in at once; rename it, so that a new one is made, and "
                                          "partition a materialized view of it",
                                          where, found.partition_key)};
}

Result<void> alter(ClickHouseConnection& connection, const std::string& table, const std::string& change,
                   const std::string& doing) {
  return connection.must(fmt::format("ALTER TABLE {} {}", clickhouse_name(table), change), doing);
}

Result<ShapePlan> plan_migration(const std::vector<Column>& columns, const FoundTable& found,
                                 const std::string& where) {
  EDDY_TRY(check_kind(found, where));
  EDDY_ASSIGN(ShapePlan plan, compare_shape(columns, found.shape, Dialect::kClickHouse, where));
  if (!plan.make_unique.empty()) {
    return shape_error(columns, found.shape, where,
                       fmt::format("column {0} must be unique, and the table is {1} and not a ReplacingMergeTree "
                                   "ordered by {0} alone: rename it, so that a new one is made, and copy its rows",
                                   plan.make_unique.front()->name, found.engine));
  }
  return plan;
}

Result<void> migrate(ClickHouseConnection& connection, const std::string& table, const std::vector<Column>& columns,
                     const FoundTable& found) {
  EDDY_ASSIGN(const ShapePlan plan, plan_migration(columns, found, connection.where()));
  for (const Column* column : plan.add) {
    EDDY_TRY(alter(connection, table,
                   fmt::format("ADD COLUMN IF NOT EXISTS {} Nullable({})", column->quoted, column->type),
                   fmt::format("adding column {}", column->name)));
  }
  for (const Column* column : plan.drop_not_null) {
    EDDY_TRY(alter(connection, table, fmt::format("MODIFY COLUMN {} {}", column->quoted, full_type(*column)),
                   fmt::format("letting column {} be NULL", column->name)));
  }
  if (found.counts_batches) return {};
  return alter(connection, table,
               fmt::format("ADD COLUMN IF NOT EXISTS {1} UInt64 EPHEMERAL 0, ADD COLUMN IF NOT EXISTS {0} UInt64 "
                           "MATERIALIZED {1}, ADD INDEX IF NOT EXISTS {0} {0} TYPE minmax GRANULARITY 1",
                           kBatchColumn, kGivenBatchColumn),
               fmt::format("adding column {}", kBatchColumn));
}

Error unserved(const TableSpec& spec, const Column& column, std::string_view fault, std::string_view mend) {
  return {
      Code::kConfig,
      fmt::format("table {}: field {} of model {} is unique, and {}; {}, or put the table into SQLite or PostgreSQL",
                  spec.name, column.name, spec.model->name(), fault, mend)};
}

}  // namespace

Result<bool> replaces(const TableSpec& spec, const std::vector<Column>& columns) {
  const auto unique = unique_columns(columns);
  if (unique.empty()) return false;
  const Column& first = *unique.front();
  if (spec.on_conflict == OnConflict::kRefuse) {
    return unserved(spec, first, "ClickHouse refuses no second row with the same value",
                    "say on_conflict: replace, so that the last row counts");
  }
  if (unique.size() > 1) {
    return unserved(spec, first, fmt::format("so is {}: ClickHouse replaces rows by one column only", unique[1]->name),
                    "make only one of them unique");
  }
  if (first.nullable) {
    return unserved(spec, first, "it may be absent: ClickHouse takes all rows without it for the same",
                    "make it a field that is always there");
  }
  return true;
}

Result<void> make_table(ClickHouseConnection& connection, const TableSpec& spec, const std::vector<Column>& columns) {
  EDDY_ASSIGN(const bool replacing, replaces(spec, columns));
  EDDY_ASSIGN(FoundTable found, find_table(connection, spec.name));
  if (found.engine.empty()) {
    EDDY_TRY(create_table(connection, spec, columns, replacing));
    EDDY_ASSIGN(found, find_table(connection, spec.name));  // another host may have been first
  }
  return migrate(connection, spec.name, columns, found);
}

Result<void> look_at_table(ClickHouseConnection& connection, const TableSpec& spec,
                           const std::vector<Column>& columns) {
  EDDY_ASSIGN(const FoundTable found, find_table(connection, spec.name));
  if (!found.engine.empty()) EDDY_TRY(plan_migration(columns, found, connection.where()));
  return {};
}

Result<std::string> shape_condition(ClickHouseConnection& connection, const std::string& table) {
  const std::string now = fmt::format(
      "(SELECT cityHash64(uuid, engine_full, (SELECT groupArray((name, type, default_kind)) FROM (SELECT name, type, "
      "default_kind FROM system.columns WHERE {} ORDER BY position))) FROM system.tables WHERE {})",
      place_of(table, "table"), place_of(table, "name"));
  EDDY_ASSIGN(const auto lines, connection.select("SELECT " + now, "looking at the table"));
  return fmt::format("throwIf(NOT ifNull({} = {}, 0), 'eddy: {}') = 0", now, lines.front().front(), kShapeCondition);
}

}  // namespace eddy::host::table
