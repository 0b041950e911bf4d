// SPDX-License-Identifier: Apache-2.0
// A few letters of each group are kept whole: for when those in the queue are past their retention.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "dead_letter/letter.h"
#include "sqlite/database.h"
#include "triage/kept_letter.h"

namespace eddy::host::triage {

inline constexpr std::size_t kSamplesOfGroup = 3;
inline constexpr std::size_t kMostSampleBytes = std::size_t{96} << 10;  // of a record: an original of 64 KiB in base64
inline constexpr std::int64_t kMostSamplesBytes = std::int64_t{128} << 20;  // of all records
inline constexpr std::int64_t kRenewAfterUs = 30LL * 60 * 1'000'000;
inline constexpr std::int64_t kKeepGoneUs = 7LL * 24 * 3600 * 1'000'000;  // once a group has no letter any more

// Copies as they are in the queue, to the byte. The first letters of a group are kept; when it has as many as it may, a
// new letter takes the place of one that has gone, else of the newest, once in half an hour. Within the caller's
// transaction; not thread-safe.
class Samples {
 public:
  static Result<std::unique_ptr<Samples>> open(sqlite::Database& database);

  // Before the others in each transaction. `changed`: others may have written since.
  Result<void> begin(std::int64_t now_us, bool changed);
  void forget();  // of a transaction that was rolled back

  // A letter that has come. One that points at its original, or is too large, is not kept.
  Result<void> offer(std::string_view queue, const LetterPlace& place, const Record& record, const DeadLetter& letter,
                     std::int64_t failed_us);
  // It is another one now, or not to be had at all: no copy of it is.
  Result<void> drop(std::string_view id);
  // It has left its queue, in that state.
  Result<void> note_gone(std::string_view id, LetterState state);
  // Copies of groups that have no letters any more are kept for some days.
  Result<void> sweep();

 private:
  struct Held {
    std::size_t samples = 0;
    std::int64_t newest_us = 0;  // when the last one was taken
  };
  Result<Held*> held_of(std::string_view queue, std::string_view fingerprint);
  Result<void> make_room(std::string_view queue, std::string_view fingerprint);

  std::int64_t now_us_ = 0;
  std::int64_t bytes_ = -1;  // of all; -1: to be looked up
  std::unordered_map<std::string, Held> groups_;
  std::string key_;
  sqlite::Statement select_bytes_, select_held_, insert_, delete_surplus_, delete_one_, update_gone_, sweep_;
};

// Copies whose id begins like this.
Result<std::vector<KeptLetter>> find_kept(sqlite::Database& reader, std::string_view id_prefix, std::size_t limit);

}  // namespace eddy::host::triage
