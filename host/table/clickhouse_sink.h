// SPDX-License-Identifier: Apache-2.0
// A table in a ClickHouse database.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "table/table_sink.h"

namespace eddy::host {

struct ClickHouseTableOptions {
  std::string url;
  std::chrono::milliseconds patience = std::chrono::seconds(40);  // how long the server may be silent
};

// kConfig, too, when the model asks for what ClickHouse cannot do: see replaces() in clickhouse_shape.h.
Result<std::unique_ptr<TableSink>> open_clickhouse_table(const ClickHouseTableOptions& options, const TableSpec& spec);

}  // namespace eddy::host
