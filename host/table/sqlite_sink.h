// SPDX-License-Identifier: Apache-2.0
// A table in a SQLite file.
#pragma once

#include <memory>
#include <string>

#include "table/table_sink.h"

namespace eddy::host {

struct SqliteTableOptions {
  std::string path;
  int busy_ms = 10'000;  // how long another writer is waited for
};

Result<std::unique_ptr<TableSink>> open_sqlite_table(const SqliteTableOptions& options, const TableSpec& spec);

}  // namespace eddy::host
