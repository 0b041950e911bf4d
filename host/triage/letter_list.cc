// SPDX-License-Identifier: Apache-2.0
#include "triage/letter_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>

#include "dead_letter/text.h"
#include "triage/expression.h"
#include "triage/letter_fetcher.h"
#include "triage/original_match.h"

namespace eddy::host::triage {

namespace {

constexpr std::size_t kFetchAtOnce = 256;
constexpr std::size_t kLooked = 1000;  // letters looked into at once while those that match are listed

// The place of a listing where a page begins: behind this letter.
struct After {
  std::int64_t failed_us = std::numeric_limits<std::int64_t>::max();
  std::string id{};
};

Result<After> parse_after(const std::string& text) {
  if (text.empty()) return After{};
  const std::size_t dot = text.find('.');
  const auto time = parse_integer<std::int64_t>(std::string_view(text).substr(0, dot));
  if (dot != std::string::npos && time) return After{*time, text.substr(dot + 1)};
  return Error{Code::kUsage, fmt::format("after '{}': expected `next` of the page before", text)};
}

bool newer(const LetterRow& a, const LetterRow& b) {
  return std::tie(a.failed_us, a.place.id) > std::tie(b.failed_us, b.place.id);
}

// Appends the newest letters behind `after` that the query leaves.
Result<void> append_rows(sqlite::Database& reader, LetterQuery query, const char* order, const After& after,
                         std::size_t limit, std::vector<LetterRow>& rows) {
  query.with("failed_us <= ?", after.failed_us);
  query.with("(failed_us < ? OR id < ?)", after.failed_us, after.id);
  EDDY_ASSIGN(auto statement, reader.prepare(fmt::format("SELECT {} FROM letters{} ORDER BY {} LIMIT {}", kRowColumns,
                                                         query.where(), order, limit)));
  query.bind(statement);
  for (;;) {
    EDDY_ASSIGN(const bool row, statement.step("listing letters"));
    if (!row) return {};
    rows.push_back(row_of(statement));
  }
}

// The newest letters behind `after`, `limit` of them if there are as many.
Result<std::vector<LetterRow>> newest(const Lister& lister, const std::string& queue, const LetterFilter& filter,
                                      const After& after, std::size_t limit) {
  std::vector<LetterRow> rows;
  EDDY_ASSIGN(const auto streams, streams_of(lister.reader, queue));
  EDDY_ASSIGN(const LetterQuery base, LetterQuery::of_letters(lister.reader, queue, filter));
  std::optional<ExpressionGuard> guard;
  if (!filter.where.empty()) {
    guard.emplace(lister.reader, lister.limit);
    EDDY_TRY(guard->check(filter.where));
  }
  const auto append = [&](LetterQuery query, const char* order) -> Result<void> {
    auto appended = append_rows(lister.reader, std::move(query), order, after, limit, rows);
    return appended || !guard ? std::move(appended) : guard->explain(filter.where, appended.take_error());
  };
  if (!filter.group.empty()) {
    // By kind: few letters, wherever they stand in time.
    EDDY_TRY(append(LetterQuery(base).with_states(filter.states), "+failed_us DESC, id DESC"));
    return rows;
  }
  // Each stream and state has its letters in order already.
  for (const std::int64_t stream : streams) {
    for (std::size_t state = 0; state < filter.states.size(); ++state) {
      if (!filter.states.test(state)) continue;
      LetterQuery query = base;
      query.with("stream_number = ?", stream).with("state_number = ?", static_cast<std::int64_t>(state));
      EDDY_TRY(append(std::move(query), "failed_us DESC, id DESC"));
    }
  }
  std::sort(rows.begin(), rows.end(), newer);
  if (rows.size() > limit) rows.resize(limit);
  return rows;
}

}  // namespace

Result<LetterPage> list_letters(const Lister& lister, const std::string& queue, const LetterFilter& filter,
                                const Page& page) {
  EDDY_ASSIGN(After after, parse_after(page.after));
  OriginalMatch match(filter.match);
  LetterFetcher fetcher(lister.transport);
  LetterPage found;
  const std::size_t at_once = match.any() ? kLooked : page.limit + 1;
  for (;;) {
    EDDY_ASSIGN(auto rows, newest(lister, queue, filter, after, at_once));
    for (LetterRow& row : rows) {
      if (match.any()) {
        EDDY_ASSIGN(const FetchedLetter fetched, fetcher.fetch(row.place));
        if (fetched.letter == nullptr || !match.fits(fetched.letter->original)) continue;
      }
      if (found.letters.size() == page.limit) {
        const LetterRow& last = found.letters.back();
        found.next = fmt::format("{}.{}", last.failed_us, last.place.id);
        return found;
      }
      found.letters.push_back(row);
    }
    if (rows.size() < at_once) return found;
    after = {rows.back().failed_us, rows.back().place.id};
  }
}

namespace {

Result<std::vector<CountedLetter>> matching(Transport& transport, std::vector<CountedLetter> letters,
                                            OriginalMatch& match) {
  LetterFetcher fetcher(transport, kFetchAtOnce);
  std::vector<CountedLetter> fitting;
  for (CountedLetter& letter : letters) {
    EDDY_ASSIGN(const FetchedLetter fetched, fetcher.fetch(letter.place));
    if (fetched.letter != nullptr && match.fits(fetched.letter->original)) fitting.push_back(std::move(letter));
  }
  return fitting;
}

Result<std::vector<CountedLetter>> read_all(const Lister& lister, const LetterQuery& query) {
  EDDY_ASSIGN(auto statement, lister.reader.prepare("SELECT stream, partition, offset, id, hops, kind_number, "
                                                    "state_number, failed_us, coalesce(recovery_us, -1) FROM letters" +
                                                    query.where()));
  query.bind(statement);
  std::vector<CountedLetter> letters;
  for (;;) {
    EDDY_ASSIGN(const bool row, statement.step("selecting letters"));
    if (!row) return letters;
    letters.push_back(
        {{std::string(statement.text(0)), static_cast<std::uint32_t>(statement.integer(1)), statement.integer(2),
          std::string(statement.text(3)), static_cast<std::uint32_t>(statement.integer(4))},
         statement.integer(5),
         static_cast<LetterState>(statement.integer(6)),
         statement.integer(7),
         statement.integer(8)});
  }
}

}  // namespace

Result<std::vector<CountedLetter>> all_letters(const Lister& lister, const std::string& queue,
                                               const LetterFilter& filter, bool all_states) {
  EDDY_ASSIGN(LetterQuery query, LetterQuery::of_letters(lister.reader, queue, filter));
  const LetterStates states = all_states ? LetterStates().set() : filter.states;
  if (filter.group.empty() && (filter.since_us || filter.until_us)) {
    EDDY_ASSIGN(const auto streams, streams_of(lister.reader, queue));
    query.within(streams, states);
  } else {
    query.with_states(states);
  }
  std::vector<CountedLetter> letters;
  if (filter.where.empty()) {
    EDDY_ASSIGN(letters, read_all(lister, query));
  } else {
    ExpressionGuard guard(lister.reader, lister.limit);
    EDDY_TRY(guard.check(filter.where));
    auto read = read_all(lister, query);
    if (!read) return guard.explain(filter.where, read.take_error());
    letters = *std::move(read);
  }
  std::sort(letters.begin(), letters.end(), [](const CountedLetter& a, const CountedLetter& b) {
    return std::tie(a.place.queue, a.place.partition, a.place.offset) <
           std::tie(b.place.queue, b.place.partition, b.place.offset);
  });
  OriginalMatch match(filter.match);
  if (!match.any()) return letters;
  return matching(lister.transport, std::move(letters), match);
}

Result<std::vector<LetterRow>> find_letters(sqlite::Database& reader, std::string_view id_prefix, std::size_t limit) {
  EDDY_ASSIGN(auto statement, reader.prepare(fmt::format("SELECT {} FROM letters WHERE id >= ?1 AND id < ?2 "
                                                         "ORDER BY id LIMIT {}",
                                                         kRowColumns, limit)));
  const std::string end = std::string(id_prefix) + "\xff";  // no text has that byte
  statement.bind(1, id_prefix);
  statement.bind(2, std::string_view(end));
  std::vector<LetterRow> rows;
  for (;;) {
    EDDY_ASSIGN(const bool row, statement.step("looking for a letter"));
    if (!row) return rows;
    rows.push_back(row_of(statement));
  }
}

Result<std::optional<LetterStateRecord>> find_state(sqlite::Database& reader, const std::string& id) {
  EDDY_ASSIGN(auto row, reader.prepare("SELECT s.queue, s.state, s.hops, s.at_us, s.who, s.redrive, s.reason, "
                                       "s.recovery_us FROM state s JOIN letter l ON l.id = s.id "
                                       "WHERE s.id = ?1 AND s.hops >= l.hops"));
  row.bind(1, std::string_view(id));
  EDDY_ASSIGN(const bool found, row.step("looking for a letter's state"));
  if (!found) return std::optional<LetterStateRecord>();
  const auto text = [&](int column) { return std::string(row.text(column)); };
  return std::optional(LetterStateRecord{.id = id,
                                         .queue = text(0),
                                         .state = static_cast<LetterState>(row.integer(1)),
                                         .hops = static_cast<std::uint32_t>(row.integer(2)),
                                         .at_us = row.integer(3),
                                         .by = text(4),
                                         .redrive = text(5),
                                         .reason = text(6),
                                         .recovery_us = row.integer(7)});
}

}  // namespace eddy::host::triage
