// SPDX-License-Identifier: Apache-2.0
// A table of a ClickHouse database: looked at, made, and brought to its model's shape.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "table/clickhouse_connection.h"
#include "table/shape.h"

namespace eddy::host::table {

// Hidden in every table: the number of the batch that a row came with. SELECT * does not show it, and nobody can write
// it but by the other one, which is not stored.
inline constexpr std::string_view kBatchColumn = "_eddy_batch";
inline constexpr std::string_view kGivenBatchColumn = "_eddy_batch_given";

// What broken_condition() says when a table is no longer what it was.
inline constexpr std::string_view kShapeCondition = "shape";

// Settings of tables that are made: an INSERT is on the disk when it is answered.
inline constexpr std::string_view kDurable = "fsync_after_insert = 1, fsync_part_directory = 1";

// The table as the model wants it, or an error; there is no way back from what was changed before it.
Result<void> make_table(ClickHouseConnection& connection, const TableSpec& spec, const std::vector<Column>& columns);

// The error of make_table(), as far as it can be said without changing anything.
Result<void> look_at_table(ClickHouseConnection& connection, const TableSpec& spec, const std::vector<Column>& columns);

// The condition for a WHERE that fails a statement when the table is not what it is now.
Result<std::string> shape_condition(ClickHouseConnection& connection, const std::string& table);

// Whether rows replace others by a unique column. kConfig when ClickHouse cannot do what the model asks for.
Result<bool> replaces(const TableSpec& spec, const std::vector<Column>& columns);

}  // namespace eddy::host::table
