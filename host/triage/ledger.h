// SPDX-License-Identifier: Apache-2.0
// Writes what the streams say into the index: letters, states, cursors, and with them the numbers of kinds.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/record.h"
#include "base/result.h"
#include "dead_letter/letter.h"
#include "dead_letter/letter_state.h"
#include "sqlite/database.h"
#include "triage/samples.h"
#include "triage/tallies.h"

namespace eddy::host::triage {

// A stream that is followed: a queue, its parked one, or the stream of states.
struct Followed {
  std::int64_t number = 0;
  std::string name, queue;
  bool parked = false;
};

// Not thread-safe. All but `follow` within the caller's transaction.
class Ledger {
 public:
  static Result<std::unique_ptr<Ledger>> open(sqlite::Database& database);

  // After BEGIN IMMEDIATE, and before COMMIT. What other processes have written since is seen.
  Result<void> begin(std::int64_t now_us);
  Result<void> end(std::int64_t now_us);
  void forget();  // after ROLLBACK

  Result<Followed> follow(const std::string& name, const std::string& queue, bool parked);
  // A newer version takes the place of an older one; an older one is passed over.
  Result<void> add(const Followed& stream, const Record& record, const DeadLetter& letter);
  // The letter it is about may come later.
  Result<void> add(const LetterStateRecord& record);
  // Letters of a partition below an offset, whose retention has passed; how many there were.
  Result<std::uint64_t> remove(const Followed& stream, std::uint32_t partition, std::int64_t below);
  // All of a partition, whose stream is another one now.
  Result<std::uint64_t> remove_all(const Followed& stream, std::uint32_t partition);
  // What letters that have gone leave behind: kinds without letters, and samples that are old.
  Result<void> drop_leftovers();

 private:
  // A letter as it is in the index.
  struct Known {
    std::int64_t number = 0;
    std::uint32_t partition = 0;
    std::int64_t offset = 0;
    Weight weight;
    bool parked = false;
    std::string id{};  // of one that has gone
  };
  struct Standing {
    LetterState state = LetterState::kOpen;
    std::int64_t recovery_us = -1;
  };

  Result<void> prepare(sqlite::Database& database);
  Result<std::int64_t> kind_of(const Followed& stream, const DeadLetter& letter);
  Result<std::int64_t> find_kind(const Followed& stream, const DeadLetter& letter);
  Result<bool> find(std::string_view id, Known& known);
  // The state of a letter of that many hops, by what the records say.
  Result<Standing> standing(std::string_view id, std::uint32_t hops, bool parked);
  // `row` is insert_letter_ or replace_letter_; number 0: a new one.
  Result<void> write(sqlite::Statement& row, std::int64_t number, const Followed& stream, const Record& record,
                     const DeadLetter& letter, const Weight& weight);
  Result<void> replace(const Followed& stream, const Record& record, const DeadLetter& letter, const Weight& weight);
  template <typename Visit>
  Result<std::uint64_t> remove(const Followed& stream, std::uint32_t partition, std::int64_t below, Visit visit);
  Result<std::vector<Known>> gone_of(const Followed& stream, std::uint32_t partition, std::int64_t below);
  Result<void> set_state(const Known& known, const Standing& standing);

  sqlite::Database* database_ = nullptr;
  std::unique_ptr<Tallies> tallies_;
  std::unique_ptr<Samples> samples_;
  std::unordered_map<std::string, std::int64_t> kinds_;  // known here; forgotten when another connection has written
  std::int64_t data_version_ = -1;
  bool any_states_ = false;
  std::string key_, message_;

  sqlite::Statement select_version_, select_any_state_;
  sqlite::Statement select_kind_, insert_kind_;
  sqlite::Statement select_letter_, insert_letter_, replace_letter_, update_state_;
  sqlite::Statement select_state_, upsert_state_;
  sqlite::Statement select_gone_, delete_letter_, delete_state_;
};

}  // namespace eddy::host::triage
