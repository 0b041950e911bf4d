// SPDX-License-Identifier: Apache-2.0
#include "table/clickhouse_trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <random>

namespace eddy::host::table {
namespace {}  // namespace

// Hosts that need it at the same time have their own.
ClickHouseTrial::ClickHouseTrial(ClickHouseConnection& connection, const std::string& table)
    : connection_(connection),
      table_(table),
      trial_(fmt::format("_eddy_trial_{:x}_{:x}", std::hash<std::string>()(table), std::random_device()())) {}

Result<void> ClickHouseTrial::run(const std::string& values, ClickHouseRows& rows, std::vector<Refusal>& refused) {
  const auto made = connection_.run(
      fmt::format("CREATE OR REPLACE TABLE {} AS {} ENGINE = Null", clickhouse_name(trial_), clickhouse_name(table_)));
  if (made && made->code == 0) return connection_.error(*made, "making a table to try rows in");
  if (made) return {};
  auto sifted = sift(fmt::format("INSERT INTO {} {}", clickhouse_name(trial_), values), rows, refused);
  EDDY_TRY(connection_.must(fmt::format("DROP TABLE IF EXISTS {}", clickhouse_name(trial_)),
                            "dropping the table of trials"));
  return sifted;
}

// All rows at once; after a refusal, what stands before the refused row, then that row alone, then more again. Where
// the server does not say which row it was, half as many.
Result<void> ClickHouseTrial::sift(const std::string& insert, ClickHouseRows& rows, std::vector<Refusal>& refused) {
  std::vector<std::size_t> places;
  std::size_t begin = 0;
  std::size_t most = rows.size();
  std::size_t suspect = rows.size();
  while (begin < rows.size()) {
    const std::size_t count = begin == suspect ? 1 : std::min(most, rows.size() - begin);
    const auto failure = connection_.run(insert, rows.bytes(begin, begin + count));
    if (!failure) {
      begin += count;
      most = count * 4;
      continue;
    }
    if (!refuses_row(failure->code)) return connection_.error(*failure, "trying rows");
    if (count == 1) {
      const TableRow& row = rows.row(begin);
      refused.push_back({row.partition, row.offset, std::to_string(failure->code), message(failure->message)});
      places.push_back(begin++);
      continue;
    }
    const std::size_t told = refused_row(failure->message);
    const bool known = told > 0 && told <= count;
    most = known ? std::max<std::size_t>(told - 1, 1) : count / 2;
    if (known) suspect = begin + told - 1;
  }
  rows.remove(places);
  return {};
}

// As if it had been the table itself.
std::string ClickHouseTrial::message(std::string text) const {
  for (std::size_t at; (at = text.find(trial_)) != text.npos;) text.replace(at, trial_.size(), table_);
  return cut_message(std::move(text));
}

}  // namespace eddy::host::table
