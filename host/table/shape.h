// SPDX-License-Identifier: Apache-2.0
// What a table is, what it must be, and what has to be done about the difference.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "table/column.h"

namespace eddy::host {

struct FoundColumn {
  std::string name;
  std::string type;  // as the database says it
  bool not_null = false;
  bool fills_itself = false;  // has a default, or is an identity
  bool generated = false;     // computed: nobody can write it
};

struct TableShape {
  std::vector<FoundColumn> columns;  // none: there is no such table
  std::set<std::string> unique;      // columns that alone have a unique index over all rows
  bool exists() const { return !columns.empty(); }
};

// Columns point into those given to compare_shape().
struct ShapePlan {
  std::vector<const Column*> add;
  std::vector<const Column*> drop_not_null;
  std::vector<const Column*> make_unique;
  bool empty() const { return add.empty() && drop_not_null.empty() && make_unique.empty(); }
};

// What makes the found table one that rows can be written to. kConfig, with both shapes and what to do, when nothing
// short of an operator can: a column of another type or a computed one, a column of the table's own that must be
// filled, and on SQLite a column that must become nullable. `where` is the sink's description.
Result<ShapePlan> compare_shape(const std::vector<Column>& columns, const TableShape& found, Dialect dialect,
                                std::string_view where);

// The error with both shapes: `wrong` is what differs and how to mend it.
Error shape_error(const std::vector<Column>& columns, const TableShape& found, std::string_view where,
                  std::string_view wrong);

// "title text NOT NULL UNIQUE, us_gross bigint"
std::string shape_text(const std::vector<Column>& columns);
std::string shape_text(const TableShape& found);

}  // namespace eddy::host
