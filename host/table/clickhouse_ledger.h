// SPDX-License-Identifier: Apache-2.0
// The table eddy_feeds of a ClickHouse database, which has no transactions: how rows and positions still change
// together, and how of two hosts that feed one partition only one writes.
//
// Rows go in under a batch number, which the hidden column _eddy_batch keeps, as one INSERT of one block. Before it the
// writer claims the next step of each partition; the INSERT itself holds the condition that the claims still stand,
// that nobody else claims these steps, and that the steps before are settled. After it the steps are settled. Who finds
// a claim that is not settled fences it: no INSERT under it can begin any more; when none is running either, whether
// its batch is in the table tells for ever how it ended. See README.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "table/clickhouse_connection.h"

namespace eddy::host::table {

// What broken_condition() says when claims do not stand.
inline constexpr std::string_view kClaimCondition = "claim";

// Where a partition stands. Steps count from 1; 0: nothing was ever settled.
struct LedgerPlace {
  std::uint64_t step = 0;
  std::int64_t next = -1;
  std::int64_t first = -1;
  std::string refused = "[]";
};

// What one batch makes of a partition: its step `step` ends at `next`.
struct LedgerMove {
  std::uint32_t partition = 0;
  LedgerPlace to;
};

// Not thread-safe. Its connection outlives it.
class ClickHouseLedger {
 public:
  ClickHouseLedger(ClickHouseConnection& connection, std::string table);

  // Makes eddy_feeds when it is missing.
  Result<void> prepare();

  // Where the partition stands, after every claim that was found open has been ended. kUnavailable while one is
  // running.
  Result<LedgerPlace> look(std::string_view feed, std::uint32_t partition);

  // Claims the moves' steps for a new batch, and returns its number.
  Result<std::uint64_t> claim(std::string_view feed, std::span<const LedgerMove> moves);
  // The condition for a WHERE: fails a statement when the claims do not stand.
  std::string condition(std::string_view feed, std::uint64_t batch, std::span<const LedgerMove> moves) const;
  // Gives the claims up, if that can be said; after an INSERT that has been answered with a failure.
  void give_up(std::string_view feed, std::uint64_t batch, std::span<const LedgerMove> moves);
  // The steps are done, if `condition` holds. None: it did.
  std::optional<ClickHouseFailure> settle(std::string_view feed, std::uint64_t batch, std::span<const LedgerMove> moves,
                                          std::string_view condition);
  // Whether the batch's rows are in the table.
  Result<bool> is_in(std::uint64_t batch);

  // Under which the statements of a batch run.
  static std::string mark(std::uint64_t batch);

 private:
  struct Entry;
  struct View;

  Result<View> read(std::string_view feed, std::uint32_t partition);
  Result<void> end(std::string_view feed, std::uint32_t partition, const Entry& claim);
  Result<void> write(std::string_view feed, std::span<const Entry> entries, std::string_view doing);
  std::optional<ClickHouseFailure> put(std::string_view feed, std::span<const Entry> entries,
                                       std::string_view condition = {}, std::string_view mark = {});
  Result<bool> is_running(std::uint64_t batch);
  std::uint64_t new_batch();

  ClickHouseConnection& connection_;
  const std::string table_;
  std::uint64_t last_batch_ = 0;
  const std::uint64_t writer_;  // number of this object among all hosts'
};

}  // namespace eddy::host::table
