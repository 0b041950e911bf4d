// SPDX-License-Identifier: Apache-2.0
#include "table/postgres_sink.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "table/postgres_loader.h"
#include "table/postgres_shape.h"
#include "table/refused.h"

namespace eddy::host {
namespace {

using table::PostgresAnswer;
using table::PostgresConnection;

constexpr std::size_t kMostRangesShown = 8;

std::int64_t to_integer(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The columns of an array of ranges, as PostgreSQL writes arrays.
struct RangeArrays {
  std::string partitions = "{", from = "{", next = "{";
  std::size_t count = 0;

  void add(const FeedRange& range) {
    const char* comma = count++ == 0 ? "" : ",";
    partitions += fmt::format("{}{}", comma, range.partition);
    from += fmt::format("{}{}", comma, range.from);
    next += fmt::format("{}{}", comma, range.next);
  }
  void close() {
    for (std::string* text : {&partitions, &from, &next}) *text += '}';
  }
};

class PostgresSink final : public TableSink {
 public:
  PostgresSink(table::PostgresOptions options, TableSpec spec, std::vector<Column> columns)
      : options_(std::move(options)),
        spec_(std::move(spec)),
        columns_(std::move(columns)),
        rows_(columns_, table::PostgresLoader::staged(spec_, columns_)) {}

  Result<void> prepare() override;
  Result<void> look() const override;
  Result<FeedPosition> position(std::string_view feed, std::uint32_t partition) override;
  Result<std::vector<Refusal>> write(const RowBatch& batch) override;
  std::string describe() const override { return options_.where; }

 private:
  Result<void> ready() const;
  Result<void> move(const RowBatch& batch);
  Result<std::size_t> move(std::string_view feed, const RangeArrays& ranges, const char* sql);
  Result<void> insert(std::vector<Refusal>& refused);
  Result<void> store_refusals(const RowBatch& batch, std::span<const Refusal> refused);
  Error conflict(const RowBatch& batch) const;

  const table::PostgresOptions options_;
  const TableSpec spec_;
  const std::vector<Column> columns_;
  table::PostgresRows rows_;
  std::unique_ptr<PostgresConnection> connection_;
  std::optional<table::PostgresLoader> loader_;  // none: prepare() has not come through
};

Result<void> PostgresSink::prepare() {
  loader_.reset();
  if (connection_ == nullptr || !connection_->idle()) {
    connection_.reset();
    EDDY_ASSIGN(connection_, PostgresConnection::open(options_));
  }
  EDDY_TRY(table::make_table(*connection_, spec_.name, columns_, options_.where));
  if (table::PostgresLoader::staged(spec_, columns_)) EDDY_TRY(table::make_staged(*connection_, columns_));
  loader_.emplace(*connection_, spec_, columns_);
  return {};
}

Result<void> PostgresSink::look() const {
  EDDY_ASSIGN(const auto connection, PostgresConnection::open(options_));
  return table::look_at_table(*connection, spec_.name, columns_, options_.where);
}

Result<void> PostgresSink::ready() const {
  if (loader_ && connection_->usable()) return {};
  return Error{Code::kUnavailable, options_.where + ": not connected; it is connected again"};
}

Result<FeedPosition> PostgresSink::position(std::string_view feed, std::uint32_t partition) {
  EDDY_TRY(ready());
  const std::string parameters[] = {spec_.name, std::string(feed), std::to_string(partition)};
  EDDY_ASSIGN(const PostgresAnswer answer,
              connection_->must("SELECT first, next, refused FROM eddy_feeds "
                                "WHERE table_name = $1 AND feed = $2 AND \"partition\" = $3",
                                parameters, "reading the feed's position"));
  FeedPosition position;
  if (answer.rows() == 0) return position;
  position.from = to_integer(answer.text(0, 0));
  position.next = to_integer(answer.text(0, 1));
  EDDY_ASSIGN(position.refused, refused_from_json(answer.text(0, 2), partition, options_.where));
  return position;
}

Result<std::vector<Refusal>> PostgresSink::write(const RowBatch& batch) {
  EDDY_TRY(ready());
  std::vector<Refusal> refused;
  rows_.encode(batch.rows, refused);
  table::PostgresTransaction transaction(*connection_);
  EDDY_TRY(transaction.begin());
  EDDY_TRY(move(batch));
  EDDY_TRY(insert(refused));
  EDDY_TRY(store_refusals(batch, refused));
  EDDY_TRY(transaction.commit());
  return refused;
}

Result<void> PostgresSink::insert(std::vector<Refusal>& refused) {
  const std::size_t before = refused.size();
  EDDY_TRY(loader_->load(rows_, refused));
  // Refusals of rows that a changed table cannot take would be about the table.
  if (refused.size() == before) return {};
  return table::check_table(*connection_, spec_.name, columns_, options_.where);
}

// Before the rows: of two hosts that both believe they feed a partition, one waits here and then finds it moved.
Result<void> PostgresSink::move(const RowBatch& batch) {
  RangeArrays begun;
  RangeArrays moved;
  for (const FeedRange& range : batch.ranges) (range.from < 0 ? begun : moved).add(range);
  EDDY_ASSIGN(std::size_t done,
              move(batch.feed, begun,
                   "INSERT INTO eddy_feeds (table_name, feed, \"partition\", first, next, refused) "
                   "SELECT $1, $2, partition, first, next, '[]' FROM unnest($3::bigint[], $4::bigint[], $5::bigint[]) "
                   "AS range(partition, first, next) ON CONFLICT DO NOTHING"));
  EDDY_ASSIGN(const std::size_t updated,
              move(batch.feed, moved,
                   "UPDATE eddy_feeds AS feeds SET first = range.first, next = range.next, refused = '[]' "
                   "FROM unnest($3::bigint[], $4::bigint[], $5::bigint[]) AS range(partition, first, next) "
                   "WHERE table_name = $1 AND feed = $2 AND feeds.\"partition\" = range.partition "
                   "AND feeds.next = range.first"));
  if (done + updated == batch.ranges.size()) return {};
  return conflict(batch);
}

Result<std::size_t> PostgresSink::move(std::string_view feed, const RangeArrays& ranges, const char* sql) {
  if (ranges.count == 0) return std::size_t{0};
  RangeArrays arrays = ranges;
  arrays.close();
  const std::string parameters[] = {spec_.name, std::string(feed), arrays.partitions, arrays.from, arrays.next};
  EDDY_ASSIGN(const PostgresAnswer answer, connection_->must(sql, parameters, "moving the feed's position"));
  return answer.touched();
}

Result<void> PostgresSink::store_refusals(const RowBatch& batch, std::span<const Refusal> refused) {
  for (const auto& [partition, refusals] : refusals_by_partition(batch, refused)) {
    const std::string parameters[] = {spec_.name, std::string(batch.feed), std::to_string(partition),
                                      refused_to_json(refusals)};
    EDDY_ASSIGN([[maybe_unused]] const PostgresAnswer answer,
                connection_->must("UPDATE eddy_feeds SET refused = $4::jsonb "
                                  "WHERE table_name = $1 AND feed = $2 AND \"partition\" = $3",
                                  parameters, "storing refusals"));
  }
  return {};
}

Error PostgresSink::conflict(const RowBatch& batch) const {
  std::string places;
  for (const FeedRange& range : batch.ranges.first(std::min(kMostRangesShown, batch.ranges.size()))) {
    places += fmt::format("{}{} in partition {}", places.empty() ? "" : ", ", range.from, range.partition);
  }
  return {Code::kConflict, fmt::format("{}: feed {} is not at {}: another host feeds this table too", options_.where,
                                       batch.feed, places)};
}

std::string option(const PQconninfoOption* options, std::string_view keyword, std::string_view otherwise) {
  for (const PQconninfoOption* at = options; at->keyword != nullptr; ++at) {
    if (at->keyword == keyword && at->val != nullptr && *at->val != '\0') return at->val;
  }
  return std::string(otherwise);
}

// "postgresql eddy@db:5432/shop": without the password. libpq's own words about a url that it cannot read may hold
// pieces of it, so they are not passed on.
Result<std::string> describe_url(const std::string& url) {
  const std::size_t begin = url.find("//") + 2;
  const std::string_view authority = std::string_view(url).substr(begin, url.find_first_of("/?", begin) - begin);
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfoParse(url.c_str(), nullptr),
                                                                             &PQconninfoFree);
  if (options == nullptr || std::ranges::count(authority, '@') > 1) {
    return Error{
        Code::kConfig,
        "tables.url: expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE?OPTION=VALUE, found a url that "
        "cannot be read so; write special characters of user and password as %XX, and look at the options' names"};
  }
  const std::string user = option(options.get(), "user", "");
  return fmt::format("postgresql {}{}{}:{}/{}", user, user.empty() ? "" : "@",
                     option(options.get(), "host", option(options.get(), "hostaddr", "localhost")),
                     option(options.get(), "port", "5432"), option(options.get(), "dbname", user));
}

}  // namespace

Result<std::unique_ptr<TableSink>> open_postgres_table(const PostgresTableOptions& options, const TableSpec& spec) {
  EDDY_ASSIGN(const std::string description, describe_url(options.url));
  EDDY_ASSIGN(auto columns, make_columns(spec, Dialect::kPostgres));
  const table::PostgresOptions connection{options.url, fmt::format("{}, table {}", description, spec.name),
                                          options.patience};
  return std::unique_ptr<TableSink>(std::make_unique<PostgresSink>(connection, spec, std::move(columns)));
}

}  // namespace eddy::host
