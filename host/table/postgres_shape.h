// SPDX-License-Identifier: Apache-2.0
// A table of a PostgreSQL database: looked at, made, and brought to its model's shape.
#pragma once

#include <string>
#include <vector>

#include "table/postgres_connection.h"
#include "table/shape.h"

namespace eddy::host::table {

// The temporary table in which a batch is laid out before its rows replace others.
inline constexpr std::string_view kStagedTable = "_eddy_staged";
inline constexpr std::string_view kRowNumber = "_eddy_row";

// In one transaction: the table as the model wants it, or an error and nothing changed; and the table of positions.
// `where` is the sink's description.
Result<void> make_table(PostgresConnection& connection, const std::string& table, const std::vector<Column>& columns,
                        const std::string& where);

// The error of make_table(), as far as it can be said without changing anything.
Result<void> look_at_table(PostgresConnection& connection, const std::string& table, const std::vector<Column>& columns,
                           const std::string& where);

// The temporary table; for this connection only.
Result<void> make_staged(PostgresConnection& connection, const std::vector<Column>& columns);

// kConfig when the table is no longer what make_table() left.
Result<void> check_table(PostgresConnection& connection, const std::string& table, const std::vector<Column>& columns,
                         const std::string& where);

}  // namespace eddy::host::table
