// SPDX-License-Identifier: Apache-2.0
// The numbers of kinds: their own, which the index keeps, or of those of their letters alone that meet a filter.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "triage/letter_list.h"

namespace eddy::host::triage {

struct Numbers {
  CountsByState letters{};
  std::uint64_t refailures = 0, recoveries = 0;
  std::int64_t recovery_us = 0;
  std::int64_t first_us = INT64_MAX, last_us = INT64_MIN;

  bool empty() const { return letters == CountsByState{}; }
  // One letter; `recovery_us` -1: not known.
  void add(LetterState state, std::int64_t failed_us, std::uint64_t hops, std::int64_t recovery_us);
  // What is counted of these no longer; first and last are to be looked up.
  void subtract(const Numbers& less);
};
using NumbersByKind = std::unordered_map<std::int64_t, Numbers>;

// The columns of a kind's own numbers, and a row that has them from `column` on. A kind without letters has none.
extern const char* const kNumberColumns;
Numbers numbers_of(const sqlite::Statement& row, int column);

// The filter is about letters, not about kinds alone.
bool narrows(const LetterFilter& filter);
// Of the kinds that have a letter which meets the filter, its states left aside.
Result<NumbersByKind> count_letters(const Lister& lister, const std::string& queue, const LetterFilter& filter);

}  // namespace eddy::host::triage
