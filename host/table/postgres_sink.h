// SPDX-License-Identifier: Apache-2.0
// A table in a PostgreSQL database.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "table/table_sink.h"

namespace eddy::host {

struct PostgresTableOptions {
  std::string url;
  std::chrono::milliseconds patience = std::chrono::seconds(40);  // how long the server may be silent
};

Result<std::unique_ptr<TableSink>> open_postgres_table(const PostgresTableOptions& options, const TableSpec& spec);

}  // namespace eddy::host
