// SPDX-License-Identifier: Apache-2.0
// The columns of a model's table, in each of the databases.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "table/table_sink.h"

namespace eddy::host {

enum class Dialect : std::uint8_t { kSqlite, kPostgres, kClickHouse };

// How a field's values are written.
enum class ColumnKind : std::uint8_t { kBool, kSigned, kUnsigned, kF32, kF64, kText, kEnum, kTime, kJson };

struct Column {
  std::string name;                  // the field's wire name
  std::string quoted;                // the same as an identifier of the database
  std::string type;                  // as the database itself writes it: "bigint", "TEXT"
  const ModelType* value = nullptr;  // the field's type, without its optional; the spec's model owns it
  ColumnKind kind = ColumnKind::kText;
  bool nullable = false;
  bool key = false;
  bool unique = false;
};

// The table in which feeds keep their positions, in every database.
inline constexpr std::string_view kFeedsTable = "eddy_feeds";

// In the model's field order. kConfig when the database cannot have such a table: a name that is too long for it or
// reserved, two that it cannot tell apart, too many columns.
Result<std::vector<Column>> make_columns(const TableSpec& spec, Dialect dialect);

std::string quote_identifier(std::string_view name, Dialect dialect);
inline std::string sqlite_name(std::string_view name) { return quote_identifier(name, Dialect::kSqlite); }
inline std::string postgres_name(std::string_view name) { return quote_identifier(name, Dialect::kPostgres); }
inline std::string clickhouse_name(std::string_view name) { return quote_identifier(name, Dialect::kClickHouse); }

// "title", "us_gross": the quoted names, for a statement.
std::string column_list(const std::vector<Column>& columns);

std::vector<const Column*> unique_columns(const std::vector<Column>& columns);

// Equal to the database: SQLite's names do not tell ASCII cases apart.
bool same_name(std::string_view a, std::string_view b, Dialect dialect);

}  // namespace eddy::host
