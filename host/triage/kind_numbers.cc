// SPDX-License-Identifier: Apache-2.0
#include "triage/kind_numbers.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "triage/expression.h"

namespace eddy::host::triage {

const char* const kNumberColumns =
    "open, recovered, redriven, discarded, parked, refailures, recoveries, recovery_us, coalesce(first_us, 0), "
    "coalesce(last_us, 0)";

Numbers numbers_of(const sqlite::Statement& row, int column) {
  Numbers numbers;
  for (int i = 0; i < 5; ++i)
    numbers.letters[static_cast<std::size_t>(i)] = static_cast<std::uint64_t>(row.integer(column + i));
  numbers.refailures = static_cast<std::uint64_t>(row.integer(column + 5));
  numbers.recoveries = static_cast<std::uint64_t>(row.integer(column + 6));
  numbers.recovery_us = row.integer(column + 7);
  numbers.first_us = row.integer(column + 8);
  numbers.last_us = row.integer(column + 9);
  return numbers;
}

void Numbers::add(LetterState state, std::int64_t failed_us, std::uint64_t hops, std::int64_t recovery) {
  ++letters[static_cast<std::size_t>(state)];
  refailures += hops;
  first_us = std::min(first_us, failed_us);
  last_us = std::max(last_us, failed_us);
  if (state != LetterState::kRecovered || recovery < 0) return;
  ++recoveries;
  recovery_us += recovery;
}

void Numbers::subtract(const Numbers& less) {
  for (std::size_t i = 0; i < letters.size(); ++i) letters[i] -= less.letters[i];
  refailures -= less.refailures;
  recoveries -= less.recoveries;
  recovery_us -= less.recovery_us;
}

bool narrows(const LetterFilter& filter) {
  return filter.since_us || filter.until_us || !filter.where.empty() || !filter.match.empty();
}

namespace {

// Letters of one kind between two times, out of an index that has all that is counted.
class TimeCounter {
 public:
  static Result<TimeCounter> open(sqlite::Database& reader, std::int64_t since, std::int64_t until) {
    TimeCounter counter;
    counter.since_ = since;
    counter.until_ = until;
    EDDY_ASSIGN(counter.rows_, reader.prepare("SELECT failed_us, state, hops, coalesce(recovery_us, -1) FROM letter "
                                              "INDEXED BY letter_by_kind WHERE kind = ?1 AND failed_us >= ?2 AND "
                                              "failed_us < ?3"));
    EDDY_ASSIGN(counter.first_, reader.prepare("SELECT failed_us FROM letter INDEXED BY letter_by_kind WHERE kind = ?1 "
                                               "AND failed_us >= ?2 ORDER BY failed_us LIMIT 1"));
    EDDY_ASSIGN(counter.last_, reader.prepare("SELECT failed_us FROM letter INDEXED BY letter_by_kind WHERE kind = ?1 "
                                              "AND failed_us < ?2 ORDER BY failed_us DESC LIMIT 1"));
    return counter;
  }

  // `own`: of all letters of the kind.
  Result<Numbers> count(std::int64_t kind, const Numbers& own) {
    if (own.empty() || own.last_us < since_ || own.first_us >= until_) return Numbers();
    if (own.first_us >= since_ && own.last_us < until_) return own;
    if (share_within(own) > 0.5) return without_the_others(kind, own);
    Numbers within;
    EDDY_TRY(add(kind, since_, until_, within));
    return within;
  }

 private:
  // As if they were spread evenly.
  double share_within(const Numbers& own) const {
    const auto within = static_cast<double>(std::min(own.last_us, until_) - std::max(own.first_us, since_));
    return within / static_cast<double>(std::max<std::int64_t>(own.last_us - own.first_us, 1));
  }

  Result<void> add(std::int64_t kind, std::int64_t from, std::int64_t to, Numbers& numbers) {
    rows_.bind(1, kind);
    rows_.bind(2, from);
    rows_.bind(3, to);
    for (;;) {
      EDDY_ASSIGN(const bool row, rows_.step("counting letters by time"));
      if (!row) return {};
      numbers.add(static_cast<LetterState>(rows_.integer(1)), rows_.integer(0),
                  static_cast<std::uint64_t>(rows_.integer(2)), rows_.integer(3));
    }
  }

  Result<Numbers> without_the_others(std::int64_t kind, Numbers own) {
    Numbers others;
    if (own.first_us < since_) EDDY_TRY(add(kind, INT64_MIN, since_, others));
    if (own.last_us >= until_) EDDY_TRY(add(kind, until_, INT64_MAX, others));
    own.subtract(others);
    if (own.empty()) return Numbers();
    EDDY_TRY(look_up(first_, kind, since_, own.first_us));
    EDDY_TRY(look_up(last_, kind, until_, own.last_us));
    return own;
  }

  static Result<void> look_up(sqlite::Statement& statement, std::int64_t kind, std::int64_t at, std::int64_t& into) {
    const sqlite::ResetLater later(statement);
    statement.bind(1, kind);
    statement.bind(2, at);
    EDDY_ASSIGN(const bool row, statement.step("looking up when letters failed"));
    if (row) into = statement.integer(0);
    return {};
  }

  std::int64_t since_ = 0, until_ = 0;
  sqlite::Statement rows_, first_, last_;
};

using Kinds = std::unordered_set<std::int64_t>;

// Kinds that an expression fits which is about nothing else.
Result<Kinds> kinds_that_fit(const Lister& lister, const std::string& expression) {
  ExpressionGuard guard(lister.reader, lister.limit);
  EDDY_TRY(guard.check(expression));
  const auto select = [&]() -> Result<Kinds> {
    EDDY_ASSIGN(auto rows,
                lister.reader.prepare("SELECT kind_number FROM causes AS letters WHERE (\n" + expression + "\n)"));
    Kinds kinds;
    for (;;) {
      EDDY_ASSIGN(const bool row, rows.step("looking for causes"));
      if (!row) return kinds;
      kinds.insert(rows.integer(0));
    }
  };
  auto kinds = select();
  if (!kinds) return guard.explain(expression, kinds.take_error());
  return kinds;
}

// By kind and time alone: whole kinds need no look at their letters.
Result<NumbersByKind> count_by_kind(const Lister& lister, const std::string& queue, const LetterFilter& filter) {
  std::optional<Kinds> fitting;
  if (!filter.where.empty()) {
    EDDY_ASSIGN(fitting, kinds_that_fit(lister, filter.where));
  }
  EDDY_ASSIGN(TimeCounter counter, TimeCounter::open(lister.reader, filter.since_us.value_or(INT64_MIN),
                                                     filter.until_us.value_or(INT64_MAX)));
  const LetterQuery query = LetterQuery::of_kinds(queue, filter);
  EDDY_ASSIGN(auto rows,
              lister.reader.prepare(std::string("SELECT ") + kNumberColumns + ", number FROM kind" + query.where()));
  query.bind(rows);
  NumbersByKind kinds;
  for (;;) {
    EDDY_ASSIGN(const bool row, rows.step("counting letters"));
    if (!row) return kinds;
    const std::int64_t kind = rows.integer(10);
    if (fitting && !fitting->contains(kind)) continue;
    EDDY_ASSIGN(const Numbers numbers, counter.count(kind, numbers_of(rows, 0)));
    if (!numbers.empty()) kinds.emplace(kind, numbers);
  }
}

// Counted by the database, which looks at each letter.
Result<NumbersByKind> count_by_query(const Lister& lister, const LetterQuery& query) {
  EDDY_ASSIGN(auto rows, lister.reader.prepare("SELECT kind_number, state_number, failed_us, hops, "
                                               "coalesce(recovery_us, -1) FROM letters" +
                                               query.where()));
  query.bind(rows);
  NumbersByKind kinds;
  for (;;) {
    EDDY_ASSIGN(const bool row, rows.step("counting letters"));
    if (!row) return kinds;
    kinds[rows.integer(0)].add(static_cast<LetterState>(rows.integer(1)), rows.integer(2),
                               static_cast<std::uint64_t>(rows.integer(3)), rows.integer(4));
  }
}

// Counted one by one, after a look into each original.
Result<NumbersByKind> count_by_reading(const Lister& lister, const std::string& queue, const LetterFilter& filter) {
  EDDY_ASSIGN(const auto letters, all_letters(lister, queue, filter, true));
  NumbersByKind kinds;
  for (const CountedLetter& letter : letters) {
    kinds[letter.kind].add(letter.state, letter.failed_us, letter.place.hops, letter.recovery_us);
  }
  return kinds;
}

}  // namespace

Result<NumbersByKind> count_letters(const Lister& lister, const std::string& queue, const LetterFilter& filter) {
  if (!filter.match.empty()) return count_by_reading(lister, queue, filter);
  if (filter.where.empty()) return count_by_kind(lister, queue, filter);
  EDDY_ASSIGN(LetterQuery query, LetterQuery::of_letters(lister.reader, queue, filter));
  if (filter.group.empty() && (filter.since_us || filter.until_us)) {
    EDDY_ASSIGN(const auto streams, streams_of(lister.reader, queue));
    query.within(streams, LetterStates().set());
  }
  std::optional<ExpressionGuard> guard(std::in_place, lister.reader, lister.limit);
  EDDY_TRY(guard->check(filter.where));
  if (guard->about_causes()) {
    guard.reset();
    return count_by_kind(lister, queue, filter);
  }
  auto counted = count_by_query(lister, query);
  if (!counted) return guard->explain(filter.where, counted.take_error());
  return counted;
}

}  // namespace eddy::host::triage
