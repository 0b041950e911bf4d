// SPDX-License-Identifier: Apache-2.0
// Catches the index up with its streams: cursors move in the transactions that write the rows.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "dead_letter/reader.h"
#include "sqlite/database.h"
#include "stream/transport.h"
#include "triage/ledger.h"
#include "triage/triage_index.h"

namespace eddy::host::triage {

// Not thread-safe. Others may follow the same streams into the same file: what one has read the other passes over.
class Follower {
 public:
  static Result<std::unique_ptr<Follower>> open(sqlite::Database& database, Transport& transport, const Clock& clock,
                                                const TriageMasks& masks);

  Result<CatchUp> catch_up(std::span<const std::string> queues, const std::function<bool()>& stop);

 private:
  Follower(sqlite::Database& database, Transport& transport, const Clock& clock, const TriageMasks& masks,
           std::unique_ptr<Ledger> ledger, std::string born)
      : database_(database),
        transport_(transport),
        clock_(clock),
        masks_(masks),
        ledger_(std::move(ledger)),
        born_(std::move(born)) {}

  struct Cursor {
    std::int64_t first = 0, next = 0;  // the oldest offset held, and the next to read
    bool operator==(const Cursor&) const = default;
  };
  using Cursors = std::map<std::uint32_t, Cursor>;

  // Runs `work` in a transaction of its own. kConflict: the index has been made anew by another process.
  template <typename Work>
  Result<void> transact(const Work& work);
  Result<void> follow(const std::string& name, const std::string& queue, bool parked);
  Result<Followed> note(const std::string& name, const std::string& queue, bool parked);
  Result<void> follow_partition(const Followed& stream, Browser& browser, const Position& position,
                                const Cursors& before);
  Result<bool> follow_batch(const Followed& stream, Browser& browser, const Position& position, std::int64_t& next);
  Result<void> take(const Followed& stream, std::uint32_t partition, std::span<const Record> records,
                    std::int64_t& next);
  Result<void> take_one(const Followed& stream, const Record& record);
  Result<void> take_letter(const Followed& stream, const Record& record, const DeadLetter& letter);
  const Mask& mask_of(const std::string& queue);
  // Makes a cursor right whose partition is new, has lost its oldest records, or was made anew.
  Result<Cursor> settle(const Followed& stream, const Position& position, const Cursors& before);
  Result<Cursors> read_cursors(const Followed& stream);
  Result<void> write_cursor(const Followed& stream, std::uint32_t partition, const Cursor& cursor);
  Result<void> sweep_states(const std::string& queue);
  Result<void> drop_leftovers();

  sqlite::Database& database_;
  Transport& transport_;
  const Clock& clock_;
  const TriageMasks& masks_;
  std::map<std::string, Mask> known_masks_;  // by queue
  std::unique_ptr<Ledger> ledger_;
  std::string born_;  // the index that this one is for
  LetterReader reader_;
  std::size_t at_once_ = 1;  // records to read together
  std::function<bool()> stop_;
  bool stopped_ = false;
  CatchUp done_;
};

}  // namespace eddy::host::triage
