// SPDX-License-Identifier: Apache-2.0
// A table of a SQLite file: looked at, made, and brought to its model's shape.
#pragma once

#include <string>
#include <vector>

#include "table/shape.h"
#include "table/sqlite_database.h"

namespace eddy::host::table {

Result<TableShape> read_shape(SqliteDatabase& database, const std::string& table);

// In one transaction: the table as the model wants it, or an error and nothing changed; and the table of positions.
Result<void> make_table(SqliteDatabase& database, const std::string& table, const std::vector<Column>& columns,
                        const std::string& where);

// kConfig when the table is no longer what make_table() left.
Result<void> check_table(SqliteDatabase& database, const std::string& table, const std::vector<Column>& columns,
                         const std::string& where);

}  // namespace eddy::host::table
