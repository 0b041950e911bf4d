// SPDX-License-Identifier: Apache-2.0
#include "table/sqlite_shape.h"

#include <fmt/format.h>

namespace eddy::host::table {
namespace {

Result<void> read_columns(SqliteDatabase& database, const std::string& table, TableShape& shape) {
  EDDY_ASSIGN(const StatementPtr statement,
              database.prepare(R"(SELECT name, type, "notnull", dflt_value IS NOT NULL, pk, hidden,
  (SELECT count(*) FROM pragma_table_xinfo(?1) WHERE pk > 0) FROM pragma_table_xinfo(?1) ORDER BY cid)"));
  bind_text(statement.get(), 1, table);
  for (;;) {
    EDDY_ASSIGN(const bool row, database.step(statement.get(), "reading the table's columns"));
    if (!row) return {};
    const auto integer = [&](int column) { return sqlite3_column_int(statement.get(), column); };
    FoundColumn column;
    column.name = column_text(statement.get(), 0);
    column.type = column_text(statement.get(), 1);
    column.not_null = integer(2) != 0;
    // An INTEGER PRIMARY KEY is the row's own number.
    const bool rowid = integer(4) == 1 && integer(6) == 1 && sqlite3_stricmp(column.type.c_str(), "INTEGER") == 0;
    column.fills_itself = integer(3) != 0 || rowid;
    column.generated = integer(5) > 1;
    if (rowid) shape.unique.insert(column.name);
    shape.columns.push_back(std::move(column));
  }
}

Result<void> read_indexes(SqliteDatabase& database, const std::string& table, TableShape& shape) {
  EDDY_ASSIGN(const StatementPtr statement,
              database.prepare(R"(SELECT min(i.name) FROM pragma_index_list(?1) l, pragma_index_info(l.name) i
  WHERE l."unique" AND NOT l.partial GROUP BY l.name HAVING count(*) = 1 AND min(i.name) IS NOT NULL)"));
  bind_text(statement.get(), 1, table);
  for (;;) {
    EDDY_ASSIGN(const bool row, database.step(statement.get(), "reading the table's indexes"));
    if (!row) return {};
    shape.unique.emplace(column_text(statement.get(), 0));
  }
}

// Names of indexes are the whole file's, and an index keeps its name when its column is renamed.
Result<std::string> free_index_name(SqliteDatabase& database, const std::string& table, const Column& column) {
  EDDY_ASSIGN(const StatementPtr statement, database.prepare("SELECT 1 FROM sqlite_schema WHERE name = ?1"));
  const std::string wanted = fmt::format("{} {} {}", table, column.name, column.unique ? "unique" : "key");
  std::string name = wanted;
  for (int number = 2;; ++number) {
    bind_text(statement.get(), 1, name);
    EDDY_ASSIGN(const bool taken, database.step(statement.get(), "looking for the name of an index"));
    if (!taken) return name;
    sqlite3_reset(statement.get());
    name = fmt::format("{} {}", wanted, number);
  }
}

Result<void> create_index(SqliteDatabase& database, const std::string& table, const Column& column) {
  EDDY_ASSIGN(const std::string name, free_index_name(database, table, column));
  return database.execute(fmt::format("CREATE {}INDEX {} ON {} ({})", column.unique ? "UNIQUE " : "", sqlite_name(name),
                                      sqlite_name(table), column.quoted),
                          fmt::format("making an index on column {}", column.name));
}

Result<void> create_table(SqliteDatabase& database, const std::string& table, const std::vector<Column>& columns) {
  std::string sql;
  for (const Column& column : columns) {
    sql += fmt::format("{}{} {}{}", sql.empty() ? "" : ", ", column.quoted, column.type,
                       column.nullable ? "" : " NOT NULL");
  }
  EDDY_TRY(database.execute(fmt::format("CREATE TABLE {} ({})", sqlite_name(table), sql), "creating the table"));
  for (const Column& column : columns) {
    if (column.key || column.unique) EDDY_TRY(create_index(database, table, column));
  }
  return {};
}

Result<void> migrate(SqliteDatabase& database, const std::string& table, const std::vector<Column>& columns,
                     const TableShape& found, const std::string& where) {
  EDDY_ASSIGN(const ShapePlan plan, compare_shape(columns, found, Dialect::kSqlite, where));
  for (const Column* column : plan.add) {
    EDDY_TRY(database.execute(
        fmt::format("ALTER TABLE {} ADD COLUMN {} {}", sqlite_name(table), column->quoted, column->type),
        fmt::format("adding column {}", column->name)));
    if (column->key && !column->unique) EDDY_TRY(create_index(database, table, *column));
  }
  for (const Column* column : plan.make_unique) {
    auto made = create_index(database, table, *column);
    if (made) continue;
    if (database.extended_code() != SQLITE_CONSTRAINT_UNIQUE) return made.take_error();
    return shape_error(columns, found, where,
                       fmt::format("column {} must be unique and values repeat: delete the rows that repeat, or rename "
                                   "the table",
                                   column->name));
  }
  return {};
}

Result<void> make_feeds(SqliteDatabase& database) {
  return database.execute(fmt::format(R"(CREATE TABLE IF NOT EXISTS {}
  (table_name TEXT NOT NULL, feed TEXT NOT NULL, "partition" INTEGER NOT NULL, first INTEGER NOT NULL,
   next INTEGER NOT NULL, refused TEXT NOT NULL, PRIMARY KEY (table_name, feed, "partition")) WITHOUT ROWID)",
                                      kFeedsTable),
                          fmt::format("creating the table {}", kFeedsTable));
}

}  // namespace

Result<TableShape> read_shape(SqliteDatabase& database, const std::string& table) {
  TableShape shape;
  EDDY_TRY(read_columns(database, table, shape));
  EDDY_TRY(read_indexes(database, table, shape));
  return shape;
}

Result<void> make_table(SqliteDatabase& database, const std::string& table, const std::vector<Column>& columns,
                        const std::string& where) {
  SqliteTransaction transaction(database);
  EDDY_TRY(transaction.begin());
  EDDY_TRY(make_feeds(database));
  EDDY_ASSIGN(const TableShape found, read_shape(database, table));
  if (found.exists()) {
    EDDY_TRY(migrate(database, table, columns, found, where));
  } else {
    EDDY_TRY(create_table(database, table, columns));
  }
  return transaction.commit();
}

Result<void> check_table(SqliteDatabase& database, const std::string& table, const std::vector<Column>& columns,
                         const std::string& where) {
  EDDY_ASSIGN(const TableShape found, read_shape(database, table));
  EDDY_ASSIGN(const ShapePlan plan, compare_shape(columns, found, Dialect::kSqlite, where));
  if (plan.empty()) return {};
  return shape_error(columns, found, where, "somebody changed it just now");
}

}  // namespace eddy::host::table
