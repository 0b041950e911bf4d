// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "table/clickhouse_sink.h"
#include "table/postgres_sink.h"
#include "table/sqlite_sink.h"
#include "table/table_sink.h"

namespace eddy::host {
namespace {

constexpr std::string_view kSqlite = "sqlite:";

Result<std::unique_ptr<TableSink>> open_sqlite(const std::string& url, const TableSpec& spec) {
  std::string path = url.substr(kSqlite.size());
  if (path.starts_with("///")) path.erase(0, 2);
  if (path.empty() || path.starts_with(":memory:")) {
    return Error{Code::kConfig, fmt::format("tables.url: expected sqlite: and the path of a file, found {}; positions "
                                            "must outlive the host",
                                            url)};
  }
  return open_sqlite_table({path}, spec);
}

}  // namespace

Result<std::unique_ptr<TableSink>> open_table(const std::string& url, const TableSpec& spec) {
  if (url.starts_with(kSqlite)) return open_sqlite(url, spec);
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) return open_postgres_table({url}, spec);
  if (url.starts_with("clickhouse://")) return open_clickhouse_table({url}, spec);
  // The rest of it may hold a password.
  const std::string scheme = url.substr(0, std::min(url.find(':'), url.size()));
  return Error{Code::kConfig, fmt::format("tables.url: expected sqlite:PATH, postgresql://… or "
                                          "clickhouse://…, found one that begins with {}",
                                          scheme)};
}

}  // namespace eddy::host
