// SPDX-License-Identifier: Apache-2.0
// A filter as SQL over the view `letters`, or over its kinds.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sqlite/database.h"
#include "triage/letter_filter.h"
#include "triage/listing.h"

namespace eddy::host::triage {

// Conditions in the order of their parameters. Keeps the values that statements borrow. Not thread-safe.
class LetterQuery {
 public:
  // What a queue and a filter say; `match` is left to who reads letters. An empty queue means all. Before there is a
  // guard: of a group it asks for the kinds.
  static Result<LetterQuery> of_letters(sqlite::Database& reader, const std::string& queue, const LetterFilter& filter);

  // Of the kinds alone.
  static LetterQuery of_kinds(const std::string& queue, const LetterFilter& filter);

  LetterQuery& with_states(LetterStates states);
  // In these streams, so that an index by time can be used.
  LetterQuery& within(const std::vector<std::int64_t>& streams, LetterStates states);
  // A value for each question mark.
  using Value = std::variant<std::int64_t, std::string>;
  LetterQuery& with(std::string condition, Value value);
  LetterQuery& with(std::string condition, Value first, Value second);

  // " WHERE …", or nothing.
  std::string where() const;
  void bind(sqlite::Statement& statement) const;

 private:
  LetterQuery() = default;

  std::vector<std::string> conditions_;
  std::vector<Value> values_;
};

// The numbers of a queue's streams; of all for an empty one.
Result<std::vector<std::int64_t>> streams_of(sqlite::Database& reader, const std::string& queue);

// The columns of a LetterRow, and a row of them.
extern const char* const kRowColumns;
LetterRow row_of(const sqlite::Statement& statement);

}  // namespace eddy::host::triage
