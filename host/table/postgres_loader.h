// SPDX-License-Identifier: Apache-2.0
// Brings the rows of a batch into the table, all but those that the database refuses.
#pragma once

#include <string>
#include <vector>

#include "table/postgres_connection.h"
#include "table/postgres_rows.h"

namespace eddy::host::table {

// Not thread-safe. `connection` and `columns` outlive it.
class PostgresLoader {
 public:
  PostgresLoader(PostgresConnection& connection, const TableSpec& spec, const std::vector<Column>& columns);

  // True: rows are laid out in the staged table first, and are numbered.
  static bool staged(const TableSpec& spec, const std::vector<Column>& columns);

  // Inside a transaction. Appends to `refused`; an error is not about a row.
  Result<void> load(const PostgresRows& rows, std::vector<Refusal>& refused);

 private:
  Result<void> undo();

  PostgresConnection& connection_;
  std::string copied_table_;  // as the server names it
  std::string sql_;
};

}  // namespace eddy::host::table
