// SPDX-License-Identifier: Apache-2.0
#include "triage/letter_query.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace eddy::host::triage {

const char* const kRowColumns =
    "stream, partition, offset, id, hops, queue, state_number, fingerprint, error_type, error_message, source, "
    "function, "
    "plugin, plugin_version, plugin_build_id, origin_stream, route, origin_partition, origin_offset, failed_us, "
    "first_failed_us, attempts, size, digest, edited_from, truncated";

LetterQuery LetterQuery::of_kinds(const std::string& queue, const LetterFilter& filter) {
  LetterQuery query;
  if (!queue.empty()) query.with("queue = ?", queue);
  if (!filter.group.empty()) query.with("fingerprint = ?", filter.group);
  if (!filter.type.empty()) query.with("error_type GLOB ?", filter.type);
  if (!filter.function.empty()) query.with("function = ?", filter.function);
  return query;
}

namespace {

constexpr std::size_t kMostKindsNamed = 1000;

// Of a column, as "7, 12".
Result<std::vector<std::int64_t>> numbers_of(sqlite::Statement& rows) {
  std::vector<std::int64_t> numbers;
  for (;;) {
    EDDY_ASSIGN(const bool row, rows.step("looking for numbers"));
    if (!row) return numbers;
    numbers.push_back(rows.integer(0));
  }
}

std::vector<int> numbers_of(LetterStates states) {
  std::vector<int> numbers;
  for (int i = 0; i < 5; ++i) {
    if (states.test(static_cast<std::size_t>(i))) numbers.push_back(i);
  }
  return numbers;
}

}  // namespace

Result<LetterQuery> LetterQuery::of_letters(sqlite::Database& reader, const std::string& queue,
                                            const LetterFilter& filter) {
  LetterQuery query = of_kinds(queue, filter);
  if (!filter.group.empty()) {
    const LetterQuery kinds = query;
    EDDY_ASSIGN(auto rows, reader.prepare("SELECT number FROM kind" + kinds.where()));
    kinds.bind(rows);
    EDDY_ASSIGN(const auto numbers, numbers_of(rows));
    if (numbers.size() <= kMostKindsNamed) {
      query.conditions_.push_back(fmt::format("kind_number IN ({})", fmt::join(numbers, ", ")));
    }
  }
  if (filter.since_us) query.with("failed_us >= ?", *filter.since_us);
  if (filter.until_us) query.with("failed_us < ?", *filter.until_us);
  // On lines of its own, in brackets: it has been checked to be one expression.
  if (!filter.where.empty()) query.conditions_.push_back("(\n" + filter.where + "\n)");
  return query;
}

LetterQuery& LetterQuery::with_states(LetterStates states) {
  if (states.all()) return *this;
  conditions_.push_back(fmt::format("state_number IN ({})", fmt::join(numbers_of(states), ", ")));
  return *this;
}

LetterQuery& LetterQuery::within(const std::vector<std::int64_t>& streams, LetterStates states) {
  conditions_.push_back(fmt::format("stream_number IN ({})", fmt::join(streams, ", ")));
  conditions_.push_back(fmt::format("state_number IN ({})", fmt::join(numbers_of(states), ", ")));
  return *this;
}

LetterQuery& LetterQuery::with(std::string condition, Value value) {
  conditions_.push_back(std::move(condition));
  values_.push_back(std::move(value));
  return *this;
}

LetterQuery& LetterQuery::with(std::string condition, Value first, Value second) {
  with(std::move(condition), std::move(first));
  values_.push_back(std::move(second));
  return *this;
}

std::string LetterQuery::where() const {
  return conditions_.empty() ? "" : fmt::format(" WHERE {}", fmt::join(conditions_, " AND "));
}

void LetterQuery::bind(sqlite::Statement& statement) const {
  int index = 0;
  for (const auto& value : values_) {
    ++index;
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      statement.bind(index, *number);
    } else {
      statement.bind(index, std::string_view(std::get<std::string>(value)));
    }
  }
}

Result<std::vector<std::int64_t>> streams_of(sqlite::Database& reader, const std::string& queue) {
  EDDY_ASSIGN(auto rows, reader.prepare("SELECT number FROM stream WHERE queue = ?1 OR (?1 = '' AND queue <> '')"));
  rows.bind(1, std::string_view(queue));
  return numbers_of(rows);
}

LetterRow row_of(const sqlite::Statement& statement) {
  const auto text = [&](int column) { return std::string(statement.text(column)); };
  LetterRow row;
  row.place = {text(0), static_cast<std::uint32_t>(statement.integer(1)), statement.integer(2), text(3),
               static_cast<std::uint32_t>(statement.integer(4))};
  row.queue = text(5);
  row.state = static_cast<LetterState>(statement.integer(6));
  row.fingerprint = text(7);
  row.error_type = text(8);
  row.error_message = text(9);
  row.source = text(10);
  row.function = text(11);
  row.plugin = text(12);
  row.plugin_version = text(13);
  row.plugin_build_id = text(14);
  row.origin_stream = text(15);
  row.route = text(16);
  row.origin_partition = static_cast<std::uint32_t>(statement.integer(17));
  row.origin_offset = statement.null(18) ? -1 : statement.integer(18);
  row.failed_us = statement.integer(19);
  row.first_failed_us = statement.integer(20);
  row.attempts = static_cast<std::uint32_t>(statement.integer(21));
  row.size = static_cast<std::uint64_t>(statement.integer(22));
  row.digest = text(23);
  row.edited_from = text(24);
  row.truncated = statement.integer(25) != 0;
  return row;
}

}  // namespace eddy::host::triage
