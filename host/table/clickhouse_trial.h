// SPDX-License-Identifier: Apache-2.0
// Which rows of a refused batch are refused, found out without writing any.
#pragma once

#include <string>
#include <vector>

#include "table/clickhouse_connection.h"
#include "table/clickhouse_rows.h"

namespace eddy::host::table {

// A copy of the table that checks what it is given and keeps nothing. Not thread-safe.
class ClickHouseTrial {
 public:
  ClickHouseTrial(ClickHouseConnection& connection, const std::string& table);

  // `values` is what stands behind the table's name in an INSERT: "(columns) SELECT … FORMAT RowBinary". Takes the rows
  // out that are refused, into `refused`. A user that may not make such a copy takes none out.
  Result<void> run(const std::string& values, ClickHouseRows& rows, std::vector<Refusal>& refused);

 private:
  Result<void> sift(const std::string& insert, ClickHouseRows& rows, std::vector<Refusal>& refused);
  std::string message(std::string text) const;

  ClickHouseConnection& connection_;
  const std::string table_;
  const std::string trial_;
};

}  // namespace eddy::host::table
