// SPDX-License-Identifier: Apache-2.0
#include "table/column.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace eddy::host {
namespace {

struct TypeNames {
  std::uint32_t kind;  // EDDY_TYPE_*
  ColumnKind column;
  std::array<std::string_view, 3> names;  // by Dialect
};

constexpr std::string_view kTimestampTz = "timestamp with time zone";

constexpr TypeNames kTypes[] = {
    {EDDY_TYPE_BOOL, ColumnKind::kBool, {"INTEGER", "boolean", "Bool"}},
    {EDDY_TYPE_I8, ColumnKind::kSigned, {"INTEGER", "smallint", "Int8"}},
    {EDDY_TYPE_I16, ColumnKind::kSigned, {"INTEGER", "smallint", "Int16"}},
    {EDDY_TYPE_I32, ColumnKind::kSigned, {"INTEGER", "integer", "Int32"}},
    {EDDY_TYPE_I64, ColumnKind::kSigned, {"INTEGER", "bigint", "Int64"}},
    {EDDY_TYPE_U8, ColumnKind::kUnsigned, {"INTEGER", "smallint", "UInt8"}},
    {EDDY_TYPE_U16, ColumnKind::kUnsigned, {"INTEGER", "integer", "UInt16"}},
    {EDDY_TYPE_U32, ColumnKind::kUnsigned, {"INTEGER", "bigint", "UInt32"}},
    {EDDY_TYPE_U64, ColumnKind::kUnsigned, {"INTEGER", "numeric(20,0)", "UInt64"}},
    {EDDY_TYPE_F32, ColumnKind::kF32, {"REAL", "real", "Float32"}},
    {EDDY_TYPE_F64, ColumnKind::kF64, {"REAL", "double precision", "Float64"}},
    {EDDY_TYPE_STRING, ColumnKind::kText, {"TEXT", "text", "String"}},
    {EDDY_TYPE_ENUM, ColumnKind::kEnum, {"TEXT", "text", "String"}},
    {EDDY_TYPE_TIMESTAMP, ColumnKind::kTime, {"TEXT", kTimestampTz, "DateTime64(6, 'UTC')"}},
    {EDDY_TYPE_MODEL, ColumnKind::kJson, {"TEXT", "jsonb", "String"}},
    {EDDY_TYPE_JSON, ColumnKind::kJson, {"TEXT", "jsonb", "String"}},
    {EDDY_TYPE_LIST, ColumnKind::kJson, {"TEXT", "jsonb", "String"}},
    {EDDY_TYPE_MAP, ColumnKind::kJson, {"TEXT", "jsonb", "String"}},
};

struct Limits {
  std::string_view database;
  std::size_t columns;
  std::size_t name_bytes;  // 0: no limit worth a word
};

constexpr Limits kLimits[] = {{"SQLite", 2000, 0}, {"PostgreSQL", 1600, 63}, {"ClickHouse", 4096, 0}};

constexpr std::string_view kPostgresSystemColumns[] = {"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"};

const Limits& limits_of(Dialect dialect) { return kLimits[static_cast<std::size_t>(dialect)]; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string folded(std::string_view name, Dialect dialect) {
  std::string text(name);
  if (dialect == Dialect::kSqlite) std::ranges::transform(text, text.begin(), lower);
  return text;
}

// Why a name cannot be one in this database; empty: it can.
std::string fault_of_name(std::string_view name, Dialect dialect) {
  const Limits& limits = limits_of(dialect);
  if (name.empty()) return "it is empty";
  if (name.find('\0') != name.npos) return "it holds a NUL character";
  if (limits.name_bytes != 0 && name.size() > limits.name_bytes) {
    return fmt::format("it is {} bytes long and {} cuts names at {}", name.size(), limits.database, limits.name_bytes);
  }
  return {};
}

std::string fault_of_column(std::string_view name, Dialect dialect) {
  if (dialect == Dialect::kPostgres &&
      std::ranges::find(kPostgresSystemColumns, name) != std::end(kPostgresSystemColumns)) {
    return "every PostgreSQL table has a system column of this name";
  }
  if (dialect != Dialect::kSqlite && name.starts_with("_eddy_")) return "names that begin with _eddy_ are the host's";
  return fault_of_name(name, dialect);
}

std::string fault_of_table(std::string_view name, Dialect dialect) {
  if (same_name(name, kFeedsTable, dialect)) return "the positions of feeds are kept in a table of this name";
  if (dialect == Dialect::kSqlite && folded(name, dialect).starts_with("sqlite_")) {
    return "SQLite keeps names that begin with sqlite_ for itself";
  }
  if (dialect == Dialect::kClickHouse && name.starts_with("_eddy_"))
    return "names that begin with _eddy_ are the host's";
  return fault_of_name(name, dialect);
}

Error wrong(const TableSpec& spec, std::string_view what, std::string_view fault, std::string_view mend) {
  return {Code::kConfig, fmt::format("table {}: {}: {}; {}", spec.name, what, fault, mend)};
}

Column make_column(const ModelField& field, Dialect dialect) {
  const bool optional = field.type.kind == EDDY_TYPE_OPTIONAL;
  const ModelType* value = optional ? field.type.element.get() : &field.type;
  const auto* names = std::ranges::find(kTypes, value->kind, &TypeNames::kind);
  Column column;
  column.name = field.name;
  column.quoted = quote_identifier(field.name, dialect);
  column.type = names->names[static_cast<std::size_t>(dialect)];
  column.value = value;
  column.kind = names->column;
  column.nullable = optional;
  column.key = field.key;
  column.unique = field.unique;
  return column;
}

}  // namespace

bool same_name(std::string_view a, std::string_view b, Dialect dialect) {
  return folded(a, dialect) == folded(b, dialect);
}

std::string quote_identifier(std::string_view name, Dialect dialect) {
  const char quote = dialect == Dialect::kClickHouse ? '`' : '"';
  std::string text(1, quote);
  for (const char c : name) {
    if (dialect == Dialect::kClickHouse && (c == quote || c == '\\')) {
      text += '\\';
    } else if (c == quote) {
      text += quote;
    }
    text += c;
  }
  return text + quote;
}

std::string column_list(const std::vector<Column>& columns) {
  std::string text;
  for (const Column& column : columns) text += (text.empty() ? "" : ", ") + column.quoted;
  return text;
}

std::vector<const Column*> unique_columns(const std::vector<Column>& columns) {
  std::vector<const Column*> unique;
  for (const Column& column : columns) {
    if (column.unique) unique.push_back(&column);
  }
  return unique;
}

Result<std::vector<Column>> make_columns(const TableSpec& spec, Dialect dialect) {
  if (const std::string fault = fault_of_table(spec.name, dialect); !fault.empty()) {
    return wrong(spec, "the table's name cannot be used", fault, "declare the table under another name");
  }
  const auto& fields = spec.model->fields();
  if (const Limits& limits = limits_of(dialect); fields.size() > limits.columns) {
    return wrong(spec, "too many columns",
                 fmt::format("{} has at most {}, and model {} has {} fields", limits.database, limits.columns,
                             spec.model->name(), fields.size()),
                 "put some of them into a nested model, which is one column");
  }
  std::vector<Column> columns;
  std::set<std::string> seen;
  for (const ModelField& field : fields) {
    const std::string what = fmt::format("field {} of model {} cannot be a column", field.name, spec.model->name());
    std::string fault = fault_of_column(field.name, dialect);
    if (fault.empty() && !seen.insert(folded(field.name, dialect)).second) {
      fault = "SQLite cannot tell it from a field whose name differs in case only";
    }
    if (!fault.empty()) return wrong(spec, what, fault, "give the field another wire name");
    columns.push_back(make_column(field, dialect));
  }
  return columns;
}

}  // namespace eddy::host
