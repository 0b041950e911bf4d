// SPDX-License-Identifier: Apache-2.0
// The numbers of kinds, kept with every letter that comes, changes or goes.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>

#include "base/result.h"
#include "dead_letter/letter_state.h"
#include "sqlite/database.h"

namespace eddy::host::triage {

// What one letter counts for.
struct Weight {
  std::int64_t kind = 0;
  LetterState state = LetterState::kOpen;
  std::uint32_t hops = 0;
  std::int64_t failed_us = 0;
  std::int64_t recovery_us = -1;  // -1: not known
};

// Gathers changes, and writes them when the transaction that makes them ends. Not thread-safe.
class Tallies {
 public:
  static Result<std::unique_ptr<Tallies>> open(sqlite::Database& database);

  void add(const Weight& letter) { change(letter, 1); }
  void remove(const Weight& letter) { change(letter, -1); }

  // Half hours before `now_us` that no group shows any more are not kept.
  Result<void> write(std::int64_t now_us);
  void forget();  // of a transaction that was rolled back

 private:
  struct Change {
    std::array<std::int64_t, 5> letters{};
    std::int64_t refailures = 0, recoveries = 0, recovery_us = 0;
    std::int64_t first_us = INT64_MAX, last_us = INT64_MIN;  // of letters that have come
    bool removed = false;                                    // then the two are looked up
  };

  void change(const Weight& letter, std::int64_t by);
  Result<void> write_kind(std::int64_t kind, const Change& change);
  Result<void> write_slots(std::int64_t oldest);

  std::unordered_map<std::int64_t, Change> kinds_;
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> slots_;  // by kind and half hour
  sqlite::Statement update_, look_up_times_, add_slot_, reduce_slot_;
};

}  // namespace eddy::host::triage
