// SPDX-License-Identifier: Apache-2.0
// Lists letters out of the index.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dead_letter/letter_state.h"
#include "sqlite/database.h"
#include "stream/transport.h"
#include "triage/letter_filter.h"
#include "triage/letter_query.h"
#include "triage/listing.h"

namespace eddy::host::triage {

// What a listing is made with.
struct Lister {
  sqlite::Database& reader;
  Transport& transport;
  std::chrono::milliseconds limit;  // of a `where`
};

// A letter for what counts letters.
struct CountedLetter {
  LetterPlace place;
  std::int64_t kind = 0;
  LetterState state = LetterState::kOpen;
  std::int64_t failed_us = 0;
  std::int64_t recovery_us = -1;
};

// All that meet the filter, but for its states when `all_states`; by stream, partition, offset.
Result<std::vector<CountedLetter>> all_letters(const Lister& lister, const std::string& queue,
                                               const LetterFilter& filter, bool all_states);
Result<LetterPage> list_letters(const Lister& lister, const std::string& queue, const LetterFilter& filter,
                                const Page& page);
Result<std::vector<LetterRow>> find_letters(sqlite::Database& reader, std::string_view id_prefix, std::size_t limit);
Result<std::optional<LetterStateRecord>> find_state(sqlite::Database& reader, const std::string& id);

}  // namespace eddy::host::triage
