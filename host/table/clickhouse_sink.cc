// SPDX-License-Identifier: Apache-2.0
#include "table/clickhouse_sink.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "table/clickhouse_ledger.h"
#include "table/clickhouse_rows.h"
#include "table/clickhouse_shape.h"
#include "table/clickhouse_trial.h"
#include "table/refused.h"

namespace eddy::host {
namespace {

using table::ClickHouseFailure;
using table::LedgerMove;
using table::LedgerPlace;

class ClickHouseSink final : public TableSink {
 public:
  ClickHouseSink(const table::ClickHouseOptions& options, TableSpec spec, std::vector<Column> columns)
      : options_(options),
        where_(options.where),
        spec_(std::move(spec)),
        columns_(std::move(columns)),
        rows_(columns_),
        connection_(options),
        ledger_(connection_, spec_.name) {}

  Result<void> prepare() override;
  Result<void> look() const override;
  Result<FeedPosition> position(std::string_view feed, std::uint32_t partition) override;
  Result<std::vector<Refusal>> write(const RowBatch& batch) override;
  std::string describe() const override { return where_; }

 private:
  struct Work;  // of one write()

  Result<void> ready() const;
  Result<void> stand(std::string_view feed, const FeedRange& range);
  Result<void> write_all(Work& work);
  std::vector<LedgerMove> moves(const Work& work, std::size_t begin, std::size_t end) const;
  Result<std::optional<ClickHouseFailure>> step(Work& work, std::size_t begin, std::size_t end);
  Result<std::optional<ClickHouseFailure>> insert(const Work& work, std::size_t begin, std::size_t end,
                                                  std::uint64_t number, std::span<const LedgerMove> moves,
                                                  const std::string& condition);
  Error failed(std::string_view feed, const ClickHouseFailure& failure, std::string_view doing) const;
  std::string values_sql(std::uint64_t number, std::string_view condition) const;

  const table::ClickHouseOptions options_;
  const std::string where_;
  const TableSpec spec_;
  const std::vector<Column> columns_;
  table::ClickHouseRows rows_;
  table::ClickHouseConnection connection_;
  table::ClickHouseLedger ledger_;
  std::string shape_;  // the condition that the table is what it was; empty: prepare() has not come through
  std::map<std::pair<std::string, std::uint32_t>, LedgerPlace> places_;  // as far as known
};

struct ClickHouseSink::Work {
  const RowBatch& batch;
  std::set<std::uint32_t> ended;  // partitions whose range is settled
  std::vector<Refusal> refused;
};

Result<void> ClickHouseSink::prepare() {
  shape_.clear();
  places_.clear();
  EDDY_TRY(table::make_table(connection_, spec_, columns_));
  EDDY_TRY(ledger_.prepare());
  EDDY_ASSIGN(shape_, table::shape_condition(connection_, spec_.name));
  return {};
}

Result<void> ClickHouseSink::look() const {
  table::ClickHouseConnection connection(options_);
  return table::look_at_table(connection, spec_, columns_);
}

Result<void> ClickHouseSink::ready() const {
  if (!shape_.empty()) return {};
  return Error{Code::kUnavailable, where_ + ": not looked at yet; it is looked at again"};
}

Result<FeedPosition> ClickHouseSink::position(std::string_view feed, std::uint32_t partition) {
  EDDY_TRY(ready());
  EDDY_ASSIGN(const LedgerPlace place, ledger_.look(feed, partition));
  FeedPosition position;
  position.next = place.next;
  position.from = place.first;
  EDDY_ASSIGN(position.refused, refused_from_json(place.refused, partition, where_));
  places_[{std::string(feed), partition}] = place;
  return position;
}

Result<std::vector<Refusal>> ClickHouseSink::write(const RowBatch& batch) {
  EDDY_TRY(ready());
  Work work{batch, {}, {}};
  rows_.encode(batch.rows, work.refused);
  const auto written = write_all(work);
  if (written) return std::move(work.refused);
  places_.clear();
  return written.error();
}

// As one step, all being well. A refused batch is tried in a copy of the table first; what is refused all the same, as
// by a materialized view, is split by steps.
Result<void> ClickHouseSink::write_all(Work& work) {
  for (const FeedRange& range : work.batch.ranges) EDDY_TRY(stand(work.batch.feed, range));
  bool tried = false;
  std::size_t begin = 0;
  std::size_t most = rows_.size();
  while (begin < rows_.size() || work.ended.size() < work.batch.ranges.size()) {
    const std::size_t count = std::min(most, rows_.size() - begin);
    EDDY_ASSIGN(const auto failure, step(work, begin, begin + count));
    if (!failure) {
      begin += count;
      most = count * 4;
    } else if (count == 1) {
      const TableRow& row = rows_.row(begin);
      work.refused.push_back({row.partition, row.offset, std::to_string(failure->code), cut_message(failure->message)});
      rows_.remove({&begin, 1});
    } else if (!std::exchange(tried, true)) {
      table::ClickHouseTrial trial(connection_, spec_.name);
      EDDY_TRY(trial.run(values_sql(0, "1"), rows_, work.refused));
      most = rows_.size();
    } else {
      most = count / 2;
    }
  }
  return {};
}

// Makes sure that the feed stands where the range begins.
Result<void> ClickHouseSink::stand(std::string_view feed, const FeedRange& range) {
  const std::pair key(std::string(feed), range.partition);
  const auto known = places_.find(key);
  if (known != places_.end() && known->second.next == range.from) return {};
  EDDY_ASSIGN(LedgerPlace place, ledger_.look(feed, range.partition));
  const std::int64_t next = place.next;
  places_[key] = std::move(place);
  if (next == range.from) return {};
  return Error{Code::kConflict,
               fmt::format("{}: feed {} is not at {} in partition {}, but at {}: another host feeds this table too",
                           where_, feed, range.from, range.partition, next)};
}

// Where the partitions stand that have rows in [begin, end), or none at all from `begin` on, when these are in.
std::vector<LedgerMove> ClickHouseSink::moves(const Work& work, std::size_t begin, std::size_t end) const {
  std::set<std::uint32_t> inside;
  std::map<std::uint32_t, std::int64_t> after;  // the first row behind
  for (std::size_t i = begin; i < rows_.size(); ++i) {
    i < end ? void(inside.insert(rows_.row(i).partition))
            : void(after.try_emplace(rows_.row(i).partition, rows_.row(i).offset));
  }
  auto refused = refusals_by_partition(work.batch, work.refused);
  std::vector<LedgerMove> moves;
  for (const FeedRange& range : work.batch.ranges) {
    const auto behind = after.find(range.partition);
    if (work.ended.contains(range.partition) || (behind != after.end() && !inside.contains(range.partition))) continue;
    LedgerMove move{range.partition, {}};
    move.to.step = places_.at({std::string(work.batch.feed), range.partition}).step + 1;
    move.to.first = range.from;
    move.to.next = behind == after.end() ? range.next : behind->second;
    auto& list = refused[range.partition];
    if (behind != after.end()) {
      std::erase_if(list, [&](const Refusal& refusal) { return refusal.offset >= move.to.next; });
    }
    move.to.refused = refused_to_json(list);
    moves.push_back(std::move(move));
  }
  return moves;
}

// Rows and positions, together. A failure that is given back is about one of the rows: none of them is in.
Result<std::optional<ClickHouseFailure>> ClickHouseSink::step(Work& work, std::size_t begin, std::size_t end) {
  const std::vector<LedgerMove> moves = this->moves(work, begin, end);
  EDDY_ASSIGN(const std::uint64_t number, ledger_.claim(work.batch.feed, moves));
  const std::string condition = fmt::format("{} AND {}", ledger_.condition(work.batch.feed, number, moves), shape_);
  if (begin < end) {
    EDDY_ASSIGN(auto refused, insert(work, begin, end, number, moves, condition));
    if (refused) return refused;
  }
  if (const auto failure = ledger_.settle(work.batch.feed, number, moves, condition)) {
    return failed(work.batch.feed, *failure, "moving the feed's position");
  }
  for (const LedgerMove& move : moves) {
    places_[{std::string(work.batch.feed), move.partition}] = move.to;
    const auto range = std::ranges::find(work.batch.ranges, move.partition, &FeedRange::partition);
    if (move.to.next == range->next) work.ended.insert(move.partition);
  }
  return std::optional<ClickHouseFailure>();
}

Result<std::optional<ClickHouseFailure>> ClickHouseSink::insert(const Work& work, std::size_t begin, std::size_t end,
                                                                std::uint64_t number, std::span<const LedgerMove> moves,
                                                                const std::string& condition) {
  const std::string sql = fmt::format("INSERT INTO {} {}", clickhouse_name(spec_.name), values_sql(number, condition));
  auto failure = connection_.run(sql, rows_.bytes(begin, end), table::ClickHouseLedger::mark(number));
  if (!failure) return failure;
  if (!table::broken_condition(*failure).empty()) ledger_.give_up(work.batch.feed, number, moves);
  if (!table::broken_condition(*failure).empty() || !table::refuses_row(failure->code)) {
    return failed(work.batch.feed, *failure, "writing rows");
  }
  // A view of the table may have failed after the rows were in.
  EDDY_ASSIGN(const bool in, ledger_.is_in(number));
  if (in) failure.reset();
  return failure;
}

// Of an INSERT, what stands behind the table's name.
std::string ClickHouseSink::values_sql(std::uint64_t number, std::string_view condition) const {
  return fmt::format("({}, {}) SELECT {}, toUInt64({}) FROM input({}) WHERE {} FORMAT RowBinary", column_list(columns_),
                     table::kGivenBatchColumn, rows_.names(), number, table::quote_text(rows_.structure()), condition);
}

Error ClickHouseSink::failed(std::string_view feed, const ClickHouseFailure& failure, std::string_view doing) const {
  const std::string_view condition = table::broken_condition(failure);
  if (condition == table::kClaimCondition) {
    return {Code::kConflict, fmt::format("{}: feed {}: another host feeds this table too", where_, feed)};
  }
  if (condition == table::kShapeCondition) {
    return {Code::kConfig, fmt::format("{}: somebody changed the table just now; it is looked at again", where_)};
  }
  return connection_.error(failure, doing);
}

}  // namespace

Result<std::unique_ptr<TableSink>> open_clickhouse_table(const ClickHouseTableOptions& options, const TableSpec& spec) {
  EDDY_ASSIGN(const table::ClickHouseUrl url, table::parse_clickhouse_url(options.url));
  EDDY_ASSIGN(auto columns, make_columns(spec, Dialect::kClickHouse));
  EDDY_ASSIGN([[maybe_unused]] const bool replacing, table::replaces(spec, columns));
  const table::ClickHouseOptions connection{url, fmt::format("{}, table {}", table::describe(url), spec.name),
                                            options.patience};
  return std::unique_ptr<TableSink>(std::make_unique<ClickHouseSink>(connection, spec, std::move(columns)));
}

}  // namespace eddy::host
