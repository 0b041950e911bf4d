// SPDX-License-Identifier: Apache-2.0
#include "table/postgres_loader.h"

#include <fmt/format.h>

#include <algorithm>

#include "table/postgres_shape.h"

namespace eddy::host::table {
namespace {

std::string last_of(const Column& column, std::size_t index) {
  return fmt::format("max({}) OVER (PARTITION BY {}) AS _eddy_last_{}", kRowNumber, column.quoted, index);
}

// The staged rows of which no later one has the same value in a unique column. NULLs are never the same.
std::string last_rows(const std::vector<Column>& columns, const std::vector<const Column*>& unique) {
  std::string windows;
  std::string filter;
  for (std::size_t i = 0; i < unique.size(); ++i) {
    windows += ", " + last_of(*unique[i], i);
    filter +=
        fmt::format("{}({} IS NULL OR _eddy_last_{} = {})", i == 0 ? "" : " AND ", unique[i]->quoted, i, kRowNumber);
  }
  return fmt::format("SELECT {} FROM (SELECT *{} FROM {}) AS staged WHERE {} ORDER BY {}", column_list(columns),
                     windows, kStagedTable, filter, kRowNumber);
}

// One unique column: the row there is changed, and keeps what it has in columns of the table's own. Several: a row may
// be in conflict with several others, which all go.
std::string replace_sql(const TableSpec& spec, const std::vector<Column>& columns) {
  const auto unique = unique_columns(columns);
  const std::string table = postgres_name(spec.name);
  std::string sql;
  if (unique.size() > 1) {
    for (const Column* column : unique) {
      sql += fmt::format("DELETE FROM {0} AS old USING {1} AS staged WHERE old.{2} = staged.{2}; ", table, kStagedTable,
                         column->quoted);
    }
  }
  sql += fmt::format("INSERT INTO {} ({}) {}", table, column_list(columns), last_rows(columns, unique));
  if (unique.size() == 1) {
    sql += fmt::format(" ON CONFLICT ({}) DO UPDATE SET ", unique.front()->quoted);
    for (const Column& column : columns) {
      sql += fmt::format("{}{} = EXCLUDED.{}", &column == &columns.front() ? "" : ", ", column.quoted, column.quoted);
    }
  }
  return sql + fmt::format("; DELETE FROM {}; ", kStagedTable);
}

}  // namespace

bool PostgresLoader::staged(const TableSpec& spec, const std::vector<Column>& columns) {
  return spec.on_conflict == OnConflict::kReplace && !unique_columns(columns).empty();
}

PostgresLoader::PostgresLoader(PostgresConnection& connection, const TableSpec& spec,
                               const std::vector<Column>& columns)
    : connection_(connection) {
  const bool staging = staged(spec, columns);
  copied_table_ = staging ? std::string(kStagedTable) : spec.name;
  const std::string into =
      staging ? std::string(kStagedTable) : fmt::format("{} ({})", postgres_name(spec.name), column_list(columns));
  sql_ = fmt::format("SAVEPOINT eddy; COPY {} FROM STDIN; {}RELEASE SAVEPOINT eddy", into,
                     staging ? replace_sql(spec, columns) : "");
}

// All rows at once; after a refusal, what stands before the refused row, then that row alone, then more again. Where
// the server does not say which row it was, half as many. So k refused rows among n cost about k * log(n) statements,
// and a batch of nothing but refused rows costs one statement each.
Result<void> PostgresLoader::load(const PostgresRows& rows, std::vector<Refusal>& refused) {
  std::size_t begin = 0;
  std::size_t most = rows.size();
  std::size_t suspect = rows.size();
  while (begin < rows.size()) {
    const std::size_t count = begin == suspect ? 1 : std::min(most, rows.size() - begin);
    const PostgresAnswer answer = connection_.run(sql_, rows.lines(begin, begin + count), copied_table_);
    if (answer.ok()) {
      begin += count;
      most = count * 4;
      continue;
    }
    const PostgresFailure& failure = answer.failure();
    if (!refuses_row(failure.state)) return connection_.error(failure, "writing rows");
    EDDY_TRY(undo());
    if (count == 1) {
      const TableRow& row = rows.row(begin++);
      refused.push_back({row.partition, row.offset, failure.state, cut_message(failure.message)});
      continue;
    }
    const bool told = failure.line > 0 && failure.line <= count;
    most = told ? std::max<std::size_t>(failure.line - 1, 1) : count / 2;
    if (told) suspect = begin + failure.line - 1;
  }
  return {};
}

Result<void> PostgresLoader::undo() {
  EDDY_ASSIGN([[maybe_unused]] const auto answer,
              connection_.must("ROLLBACK TO SAVEPOINT eddy; RELEASE SAVEPOINT eddy", "taking refused rows back"));
  return {};
}

}  // namespace eddy::host::table
