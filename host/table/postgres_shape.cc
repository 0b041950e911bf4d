// SPDX-License-Identifier: Apache-2.0
#include "table/postgres_shape.h"

#include <fmt/format.h>

namespace eddy::host::table {
namespace {

// Any number, the same for every host: only one at a time makes tables.
constexpr std::int64_t kAdvisoryLock = 0x65'64'64'79'74'61'62'6c;
// An index over rows that are there already takes its time.
constexpr std::chrono::minutes kIndexPatience{15};

// Nothing when there is no such table.
Result<void> check_kind(PostgresConnection& connection, const std::string& table, const std::string& where) {
  const std::string parameters[] = {postgres_name(table)};
  EDDY_ASSIGN(const auto answer,
              connection.must("SELECT relkind IN ('r', 'p') FROM pg_class WHERE oid = to_regclass($1)", parameters,
                              "looking for the table"));
  if (answer.rows() == 0 || answer.truth(0, 0)) return {};
  return Error{Code::kConfig,
               fmt::format("{}: expected a table, found a view or another thing of this name; rename it, "
                           "or declare the table under another name",
                           where)};
}

Result<TableShape> read_shape(PostgresConnection& connection, const std::string& table) {
  const std::string parameters[] = {postgres_name(table)};
  EDDY_ASSIGN(const auto columns,
              connection.must("SELECT attname, format_type(atttypid, atttypmod), attnotnull, "
                              "(atthasdef OR attidentity <> '') AND attgenerated = '', attgenerated <> '' "
                              "FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped "
                              "ORDER BY attnum",
                              parameters, "reading the table's columns"));
  TableShape shape;
  for (int i = 0; i < columns.rows(); ++i) {
    shape.columns.push_back({std::string(columns.text(i, 0)), std::string(columns.text(i, 1)), columns.truth(i, 2),
                             columns.truth(i, 3), columns.truth(i, 4)});
  }
  EDDY_ASSIGN(
      const auto unique,
      connection.must("SELECT a.attname FROM pg_index i JOIN pg_attribute a "
                      "ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] "
                      "WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indisvalid AND i.indimmediate "
                      "AND i.indnkeyatts = 1 AND i.indpred IS NULL",
                      parameters, "reading the table's indexes"));
  for (int i = 0; i < unique.rows(); ++i) shape.unique.emplace(unique.text(i, 0));
  return shape;
}

Result<void> create_index(PostgresConnection& connection, const std::string& table, const Column& column) {
  EDDY_ASSIGN([[maybe_unused]] const auto answer,
              connection.must(fmt::format("CREATE {}INDEX ON {} ({})", column.unique ? "UNIQUE " : "",
                                          postgres_name(table), column.quoted),
                              fmt::format("making an index on column {}", column.name)));
  return {};
}

Result<void> create_table(PostgresConnection& connection, const std::string& table,
                          const std::vector<Column>& columns) {
  std::string list;
  for (const Column& column : columns) {
    list += fmt::format("{}{} {}{}", list.empty() ? "" : ", ", column.quoted, column.type,
                        column.nullable ? "" : " NOT NULL");
  }
  EDDY_ASSIGN([[maybe_unused]] const auto answer,
              connection.must(fmt::format("CREATE TABLE {} ({})", postgres_name(table), list), "creating the table"));
  for (const Column& column : columns) {
    if (column.key || column.unique) EDDY_TRY(create_index(connection, table, column));
  }
  return {};
}

// On a table with rows: values may repeat.
Result<void> make_unique(PostgresConnection& connection, const std::string& table, const Column& column,
                         const std::vector<Column>& columns, const TableShape& found, const std::string& where) {
  const auto patience = connection.patience();
  connection.set_patience(kIndexPatience);
  const PostgresAnswer answer = connection.run(fmt::format(
      "SET LOCAL statement_timeout = '14min'; CREATE UNIQUE INDEX ON {} ({})", postgres_name(table), column.quoted));
  connection.set_patience(patience);
  if (answer.ok()) return {};
  if (!answer.failure().state.starts_with("23")) {
    return connection.error(answer.failure(), fmt::format("making an index on column {}", column.name));
  }
  return shape_error(
      columns, found, where,
      fmt::format("column {} must be unique and values repeat ({}): delete the rows that repeat, or rename "
                  "the table",
                  column.name, answer.failure().message));
}

Result<void> migrate(PostgresConnection& connection, const std::string& table, const std::vector<Column>& columns,
                     const TableShape& found, const std::string& where) {
  EDDY_ASSIGN(const ShapePlan plan, compare_shape(columns, found, Dialect::kPostgres, where));
  for (const Column* column : plan.add) {
    EDDY_ASSIGN([[maybe_unused]] const auto added,
                connection.must(
                    fmt::format("ALTER TABLE {} ADD COLUMN {} {}", postgres_name(table), column->quoted, column->type),
                    fmt::format("adding column {}", column->name)));
    if (column->key && !column->unique) EDDY_TRY(create_index(connection, table, *column));
  }
  for (const Column* column : plan.drop_not_null) {
    EDDY_ASSIGN([[maybe_unused]] const auto dropped,
                connection.must(
                    fmt::format("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL", postgres_name(table), column->quoted),
                    fmt::format("letting column {} be NULL", column->name)));
  }
  for (const Column* column : plan.make_unique) {
    EDDY_TRY(make_unique(connection, table, *column, columns, found, where));
  }
  return {};
}

// Asked for before it is made: making needs a right in the schema, also when there is nothing to make.
Result<void> make_feeds(PostgresConnection& connection) {
  EDDY_ASSIGN(const auto there, connection.must(fmt::format("SELECT to_regclass('{}') IS NOT NULL", kFeedsTable),
                                                fmt::format("looking for the table {}", kFeedsTable)));
  if (there.truth(0, 0)) return {};
  EDDY_ASSIGN(
      [[maybe_unused]] const auto made,
      connection.must(fmt::format("CREATE TABLE {} (table_name text NOT NULL, feed text NOT NULL, \"partition\" bigint "
                                  "NOT NULL, first bigint NOT NULL, next bigint NOT NULL, refused jsonb NOT NULL, "
                                  "PRIMARY KEY (table_name, feed, \"partition\"))",
                                  kFeedsTable),
                      fmt::format("creating the table {}", kFeedsTable)));
  return {};
}

}  // namespace

Result<void> make_table(PostgresConnection& connection, const std::string& table, const std::vector<Column>& columns,
                        const std::string& where) {
  PostgresTransaction transaction(connection);
  EDDY_TRY(transaction.begin());
  EDDY_ASSIGN(
      [[maybe_unused]] const auto locked,
      connection.must(fmt::format("SELECT pg_advisory_xact_lock({})", kAdvisoryLock), "waiting for other hosts"));
  EDDY_TRY(make_feeds(connection));
  EDDY_TRY(check_kind(connection, table, where));
  EDDY_ASSIGN(const TableShape found, read_shape(connection, table));
  if (found.exists()) {
    EDDY_TRY(migrate(connection, table, columns, found, where));
  } else {
    EDDY_TRY(create_table(connection, table, columns));
  }
  return transaction.commit();
}

Result<void> look_at_table(PostgresConnection& connection, const std::string& table, const std::vector<Column>& columns,
                           const std::string& where) {
  EDDY_TRY(check_kind(connection, table, where));
  EDDY_ASSIGN(const TableShape found, read_shape(connection, table));
  if (found.exists()) EDDY_TRY(compare_shape(columns, found, Dialect::kPostgres, where));
  return {};
}

Result<void> make_staged(PostgresConnection& connection, const std::vector<Column>& columns) {
  std::string list;
  for (const Column& column : columns) list += fmt::format("{} {}, ", column.quoted, column.type);
  EDDY_ASSIGN(
      [[maybe_unused]] const auto made,
      connection.must(fmt::format("DROP TABLE IF EXISTS pg_temp.{0}; CREATE TEMPORARY TABLE {0} ({1}{2} bigint) "
                                  "ON COMMIT DELETE ROWS",
                                  kStagedTable, list, kRowNumber),
                      "making a temporary table"));
  return {};
}

Result<void> check_table(PostgresConnection& connection, const std::string& table, const std::vector<Column>& columns,
                         const std::string& where) {
  EDDY_ASSIGN(const TableShape found, read_shape(connection, table));
  EDDY_ASSIGN(const ShapePlan plan, compare_shape(columns, found, Dialect::kPostgres, where));
  if (plan.empty()) return {};
  return shape_error(columns, found, where, "somebody changed it just now");
}

}  // namespace eddy::host::table
