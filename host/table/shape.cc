// SPDX-License-Identifier: Apache-2.0
#include "table/shape.h"

#include <fmt/format.h>

#include <algorithm>

namespace eddy::host {
namespace {

constexpr std::size_t kMostColumnsShown = 100;

const FoundColumn* find(const TableShape& found, const Column& column, Dialect dialect) {
  const auto same = [&](const FoundColumn& other) { return same_name(other.name, column.name, dialect); };
  const auto at = std::ranges::find_if(found.columns, same);
  return at == found.columns.end() ? nullptr : &*at;
}

bool is_unique(const TableShape& found, const Column& column, Dialect dialect) {
  return std::ranges::any_of(found.unique,
                             [&](const std::string& name) { return same_name(name, column.name, dialect); });
}

// SQLite stores by affinity, which it takes from the declared type by these rules, in this order.
std::string affinity(std::string_view declared) {
  std::string type(declared);
  std::ranges::transform(type, type.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const auto has = [&](std::string_view word) { return type.find(word) != std::string::npos; };
  if (has("INT")) return "INTEGER";
  if (has("CHAR") || has("CLOB") || has("TEXT")) return "TEXT";
  if (type.empty() || has("BLOB")) return "BLOB";
  if (has("REAL") || has("FLOA") || has("DOUB")) return "REAL";
  return "NUMERIC";
}

bool same_type(const Column& column, const FoundColumn& found, Dialect dialect) {
  return column.type == (dialect == Dialect::kSqlite ? affinity(found.type) : found.type);
}

std::string mend_type(const Column& column, Dialect dialect) {
  const std::string other = fmt::format("rename column {} of the table, so that a new one is added", column.name);
  if (dialect == Dialect::kSqlite) return other;
  if (dialect == Dialect::kClickHouse) {
    return fmt::format("ALTER TABLE … MODIFY COLUMN {} {}, or {}", column.quoted, column.type, other);
  }
  return fmt::format("ALTER TABLE … ALTER COLUMN {0} TYPE {1} USING {0}::{1}, or {2}", column.quoted, column.type,
                     other);
}

// Looks at one column of the model that the table has; what is wrong is appended to `wrong`.
void compare_column(const Column& column, const FoundColumn& found, Dialect dialect, ShapePlan& plan,
                    std::vector<std::string>& wrong) {
  if (found.generated) {
    wrong.push_back(fmt::format("column {} is computed by the table and cannot be written: rename it", column.name));
  } else if (!same_type(column, found, dialect)) {
    wrong.push_back(fmt::format("column {} must be {} and is {}: {}", column.name, column.type,
                                found.type.empty() ? "of no type" : found.type, mend_type(column, dialect)));
  } else if (column.nullable && found.not_null) {
    if (dialect == Dialect::kSqlite) {
      wrong.push_back(
          fmt::format("column {} must take NULL and is NOT NULL: SQLite cannot change that; rename the "
                      "table and copy its rows into the new one, or give the field a value always",
                      column.name));
    } else {
      plan.drop_not_null.push_back(&column);
    }
  }
}

// Columns of the table's own: fine, unless a row cannot be written without them.
void compare_own(const std::vector<Column>& columns, const TableShape& found, Dialect dialect,
                 std::vector<std::string>& wrong) {
  if (dialect == Dialect::kClickHouse) return;  // every type has a default there: 0, ''
  for (const FoundColumn& own : found.columns) {
    const auto same = [&](const Column& column) { return same_name(own.name, column.name, dialect); };
    if (!own.not_null || own.fills_itself || own.generated || std::ranges::any_of(columns, same)) continue;
    wrong.push_back(
        fmt::format("column {} is NOT NULL without a default and not in the model: give it a default, drop "
                    "its NOT NULL, or drop it",
                    own.name));
  }
}

}  // namespace

Result<ShapePlan> compare_shape(const std::vector<Column>& columns, const TableShape& found, Dialect dialect,
                                std::string_view where) {
  ShapePlan plan;
  std::vector<std::string> wrong;
  for (const Column& column : columns) {
    if (const FoundColumn* there = find(found, column, dialect)) {
      compare_column(column, *there, dialect, plan, wrong);
    } else {
      plan.add.push_back(&column);
    }
    if (column.unique && !is_unique(found, column, dialect)) plan.make_unique.push_back(&column);
  }
  compare_own(columns, found, dialect, wrong);
  if (wrong.empty()) return plan;
  return shape_error(columns, found, where, fmt::format("{}", fmt::join(wrong, "; ")));
}

Error shape_error(const std::vector<Column>& columns, const TableShape& found, std::string_view where,
                  std::string_view wrong) {
  return {Code::kConfig, fmt::format("{}: the table is not what its model needs: {}; expected ({}); found ({})", where,
                                     wrong, shape_text(columns), shape_text(found))};
}

std::string shape_text(const std::vector<Column>& columns) {
  std::string text;
  for (std::size_t i = 0; i < std::min(columns.size(), kMostColumnsShown); ++i) {
    const Column& column = columns[i];
    text += fmt::format("{}{} {}{}{}", i == 0 ? "" : ", ", column.name, column.type, column.nullable ? "" : " NOT NULL",
                        column.unique ? " UNIQUE" : "");
  }
  if (columns.size() > kMostColumnsShown) text += fmt::format(", and {} more", columns.size() - kMostColumnsShown);
  return text;
}

std::string shape_text(const TableShape& found) {
  std::string text;
  for (std::size_t i = 0; i < std::min(found.columns.size(), kMostColumnsShown); ++i) {
    const FoundColumn& column = found.columns[i];
    text += fmt::format("{}{} {}{}{}{}", i == 0 ? "" : ", ", column.name, column.type,
                        column.not_null ? " NOT NULL" : "", found.unique.contains(column.name) ? " UNIQUE" : "",
                        column.generated      ? " (computed)"
                        : column.fills_itself ? " (with a default)"
                                              : "");
  }
  if (found.columns.size() > kMostColumnsShown) {
    text += fmt::format(", and {} more", found.columns.size() - kMostColumnsShown);
  }
  return text;
}

}  // namespace eddy::host
