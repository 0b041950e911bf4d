// SPDX-License-Identifier: Apache-2.0
#include "table/clickhouse_ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "table/clickhouse_binary.h"
#include "table/clickhouse_shape.h"
#include "table/column.h"

namespace eddy::host::table {
namespace {

constexpr std::uint64_t kSettled = 0;  // the writer of what is settled

// Of a claim.
constexpr std::uint8_t kOpen = 0, kFenced = 1, kDead = 2;

constexpr int kMostLooks = 32;

constexpr std::string_view kNames =
    "table_name, feed, partition, writer, version, batch, step, state, first, next, refused";
constexpr std::string_view kStructure =
    "table_name String, feed String, partition UInt32, writer UInt64, version UInt64, batch UInt64, step UInt64, state "
    "UInt8, first Int64, next Int64, refused String";

std::string list(std::span<const LedgerMove> moves, auto value) {
  std::string text;
  for (const LedgerMove& move : moves) text += fmt::format("{}{}", text.empty() ? "" : ", ", value(move));
  return text;
}

}  // namespace

// A row of eddy_feeds. Of rows of one writer that with the highest version counts.
struct ClickHouseLedger::Entry {
  std::uint32_t partition = 0;
  std::uint64_t writer = kSettled;
  std::uint64_t version = 0;
  std::uint64_t batch = 0;
  std::uint8_t state = kOpen;
  LedgerPlace place;
};

struct ClickHouseLedger::View {
  LedgerPlace settled;
  std::optional<Entry> claim;  // one that is neither settled nor dead
};

ClickHouseLedger::ClickHouseLedger(ClickHouseConnection& connection, std::string table)
    : connection_(connection), table_(std::move(table)), writer_(new_batch()) {}

std::string ClickHouseLedger::mark(std::uint64_t batch) { return fmt::format("eddy-{}", batch); }

// Numbers that nobody else makes: microseconds and chance. Four apart, as a claim's versions are its batch and the two
// numbers behind it.
std::uint64_t ClickHouseLedger::new_batch() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto us = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
  last_batch_ = std::max(last_batch_ + 4, (us << 12) | (std::random_device()() & 0xffc));
  return last_batch_;
}

// Asked for before it is made: making needs a right, also when there is nothing to make.
Result<void> ClickHouseLedger::prepare() {
  EDDY_ASSIGN(const auto there, connection_.select(fmt::format("SELECT engine FROM system.tables WHERE database = "
                                                               "currentDatabase() AND name = '{}'",
                                                               kFeedsTable),
                                                   fmt::format("looking for the table {}", kFeedsTable)));
  if (!there.empty()) return {};
  return connection_.must(
      fmt::format("CREATE TABLE IF NOT EXISTS {} ({}, changed DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')) "
                  "ENGINE = ReplacingMergeTree(version) ORDER BY (table_name, feed, partition, writer) SETTINGS {}",
                  kFeedsTable, kStructure, kDurable),
      fmt::format("creating the table {}", kFeedsTable));
}

Result<LedgerPlace> ClickHouseLedger::look(std::string_view feed, std::uint32_t partition) {
  for (int looks = 0; looks < kMostLooks; ++looks) {
    EDDY_ASSIGN(const View view, read(feed, partition));
    if (!view.claim) return view.settled;
    EDDY_TRY(end(feed, partition, *view.claim));
  }
  return Error{Code::kUnavailable, fmt::format("{}: feed {}: others write into partition {} again and again; it is "
                                               "tried again",
                                               connection_.where(), feed, partition)};
}

Result<ClickHouseLedger::View> ClickHouseLedger::read(std::string_view feed, std::uint32_t partition) {
  EDDY_ASSIGN(const auto lines,
              connection_.select(fmt::format("SELECT writer, version, batch, state, step, next, first, refused FROM {} "
                                             "FINAL WHERE table_name = {} AND feed = {} AND partition = {} "
                                             "ORDER BY writer",
                                             kFeedsTable, quote_text(table_), quote_text(feed), partition),
                                 "reading the feed's position"));
  View view;
  for (const auto& line : lines) {
    Entry entry;
    entry.partition = partition;
    entry.writer = to_integer<std::uint64_t>(line[0]);
    entry.version = to_integer<std::uint64_t>(line[1]);
    entry.batch = to_integer<std::uint64_t>(line[2]);
    entry.state = to_integer<std::uint8_t>(line[3]);
    entry.place = {to_integer<std::uint64_t>(line[4]), to_integer<std::int64_t>(line[5]),
                   to_integer<std::int64_t>(line[6]), line[7]};
    if (entry.writer == kSettled) {
      view.settled = std::move(entry.place);
    } else if (entry.state != kDead && entry.place.step > view.settled.step) {
      view.claim = std::move(entry);
    }
  }
  return view;
}

// One stage further: fenced, then settled or dead.
Result<void> ClickHouseLedger::end(std::string_view feed, std::uint32_t partition, const Entry& claim) {
  Entry entry = claim;
  if (claim.state == kOpen) {
    entry.state = kFenced;
    entry.version = claim.batch + 1;
    return write(feed, {&entry, 1}, "fencing a batch that was not ended");
  }
  EDDY_ASSIGN(const bool running, is_running(claim.batch));
  if (running) {
    return Error{Code::kUnavailable, fmt::format("{}: feed {}: a batch of partition {} is still being written; it is "
                                                 "waited for",
                                                 connection_.where(), feed, partition)};
  }
  EDDY_ASSIGN(const bool in, is_in(claim.batch));
  if (in) {
    entry.writer = kSettled;
    entry.version = claim.place.step;
  } else {
    entry.state = kDead;
    entry.version = claim.batch + 2;
  }
  return write(feed, {&entry, 1}, "ending a batch that was not ended");
}

Result<bool> ClickHouseLedger::is_running(std::uint64_t batch) {
  EDDY_ASSIGN(const auto lines,
              connection_.select(fmt::format("SELECT query_id FROM system.processes WHERE Settings['log_comment'] = {}",
                                             quote_text(mark(batch))),
                                 "looking whether a batch is still being written"));
  return !lines.empty();
}

Result<bool> ClickHouseLedger::is_in(std::uint64_t batch) {
  EDDY_ASSIGN(const auto lines, connection_.select(fmt::format("SELECT 1 FROM {} WHERE {} = {} LIMIT 1",
                                                               clickhouse_name(table_), kBatchColumn, batch),
                                                   "looking whether a batch is in the table"));
  return !lines.empty();
}

Result<void> ClickHouseLedger::write(std::string_view feed, std::span<const Entry> entries, std::string_view doing) {
  if (const auto failure = put(feed, entries)) return connection_.error(*failure, doing);
  return {};
}

std::optional<ClickHouseFailure> ClickHouseLedger::put(std::string_view feed, std::span<const Entry> entries,
                                                       std::string_view condition, std::string_view mark) {
  std::string data;
  for (const Entry& entry : entries) {
    append_binary_text(data, table_);
    append_binary_text(data, feed);
    append_binary(data, entry.partition);
    for (const std::uint64_t value : {entry.writer, entry.version, entry.batch, entry.place.step}) {
      append_binary(data, value);
    }
    append_binary(data, entry.state);
    append_binary(data, entry.place.first);
    append_binary(data, entry.place.next);
    append_binary_text(data, entry.place.refused);
  }
  return connection_.run(
      fmt::format("INSERT INTO {0} ({1}) SELECT {1} FROM input({2}){3}{4} FORMAT RowBinary", kFeedsTable, kNames,
                  quote_text(kStructure), condition.empty() ? "" : " WHERE ", condition),
      data, mark);
}

Result<std::uint64_t> ClickHouseLedger::claim(std::string_view feed, std::span<const LedgerMove> moves) {
  const std::uint64_t batch = new_batch();
  std::vector<Entry> entries;
  for (const LedgerMove& move : moves) entries.push_back({move.partition, writer_, batch, batch, kOpen, move.to});
  EDDY_TRY(write(feed, entries, "claiming the feed's next step"));
  return batch;
}

void ClickHouseLedger::give_up(std::string_view feed, std::uint64_t batch, std::span<const LedgerMove> moves) {
  std::vector<Entry> entries;
  for (const LedgerMove& move : moves) entries.push_back({move.partition, writer_, batch + 2, batch, kDead, move.to});
  static_cast<void>(put(feed, entries));
}

std::optional<ClickHouseFailure> ClickHouseLedger::settle(std::string_view feed, std::uint64_t batch,
                                                          std::span<const LedgerMove> moves,
                                                          std::string_view condition) {
  std::vector<Entry> entries;
  for (const LedgerMove& move : moves) {
    entries.push_back({move.partition, kSettled, move.to.step, batch, kOpen, move.to});
  }
  return put(feed, entries, condition, mark(batch));
}

std::string ClickHouseLedger::condition(std::string_view feed, std::uint64_t batch,
                                        std::span<const LedgerMove> moves) const {
  const auto begun = std::ranges::count_if(moves, [](const LedgerMove& move) { return move.to.step > 1; });
  return fmt::format(
      "throwIf(NOT ifNull((SELECT countIf(writer = 0) = {0} AND countIf(writer = 0 AND step = known) = {0} "
      "AND countIf(writer = {1} AND batch = {2} AND state = {3}) = {4} "
      "AND countIf(writer NOT IN (0, {1}) AND state != {5} AND step > known) = 0 "
      "FROM (SELECT writer, batch, state, step, transform(toUInt64(partition), [{6}], [{7}], toUInt64(0)) AS known "
      "FROM {8} FINAL WHERE table_name = {9} AND feed = {10} AND partition IN ({6}))), 0), 'eddy: {11}') = 0",
      begun, writer_, batch, kOpen, moves.size(), kDead, list(moves, [](const LedgerMove& m) { return m.partition; }),
      list(moves, [](const LedgerMove& m) { return m.to.step - 1; }), kFeedsTable, quote_text(table_), quote_text(feed),
      kClaimCondition);
}

}  // namespace eddy::host::table
