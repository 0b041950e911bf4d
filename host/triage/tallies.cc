// SPDX-License-Identifier: Apache-2.0
#include "triage/tallies.h"

#include <algorithm>

#include "triage/listing.h"

namespace eddy::host::triage {

Result<std::unique_ptr<Tallies>> Tallies::open(sqlite::Database& database) {
  auto tallies = std::make_unique<Tallies>();
  EDDY_ASSIGN(
      tallies->update_,
      database.prepare("UPDATE kind SET open = open + ?2, recovered = recovered + ?3, redriven = redriven + ?4, "
                       "discarded = discarded + ?5, parked = parked + ?6, refailures = refailures + ?7, "
                       "recoveries = recoveries + ?8, recovery_us = recovery_us + ?9, "
                       "first_us = min(coalesce(first_us, ?10), ?10), last_us = max(coalesce(last_us, ?11), ?11) "
                       "WHERE number = ?1"));
  EDDY_ASSIGN(tallies->look_up_times_,
              database.prepare("UPDATE kind SET first_us = (SELECT min(failed_us) FROM letter WHERE kind = ?1), "
                               "last_us = (SELECT max(failed_us) FROM letter WHERE kind = ?1) WHERE number = ?1"));
  EDDY_ASSIGN(tallies->add_slot_, database.prepare("INSERT INTO slot VALUES(?1, ?2, ?3) "
                                                   "ON CONFLICT DO UPDATE SET letters = letters + excluded.letters"));
  EDDY_ASSIGN(tallies->reduce_slot_,
              database.prepare("UPDATE slot SET letters = letters + ?3 WHERE kind = ?1 AND slot = ?2"));
  return tallies;
}

void Tallies::change(const Weight& letter, std::int64_t by) {
  Change& kind = kinds_[letter.kind];
  kind.letters[static_cast<std::size_t>(letter.state)] += by;
  kind.refailures += by * static_cast<std::int64_t>(letter.hops);
  if (letter.state == LetterState::kRecovered && letter.recovery_us >= 0) {
    kind.recoveries += by;
    kind.recovery_us += by * letter.recovery_us;
  }
  slots_[{letter.kind, letter.failed_us / LetterGroup::kSlotUs}] += by;
  if (by < 0) {
    kind.removed = true;
  } else {
    kind.first_us = std::min(kind.first_us, letter.failed_us);
    kind.last_us = std::max(kind.last_us, letter.failed_us);
  }
}

Result<void> Tallies::write(std::int64_t now_us) {
  for (const auto& [kind, change] : kinds_) EDDY_TRY(write_kind(kind, change));
  EDDY_TRY(write_slots(now_us / LetterGroup::kSlotUs - static_cast<std::int64_t>(LetterGroup::kSlots)));
  forget();
  return {};
}

Result<void> Tallies::write_kind(std::int64_t kind, const Change& change) {
  update_.bind(1, kind);
  for (int i = 0; i < 5; ++i) update_.bind(2 + i, change.letters[static_cast<std::size_t>(i)]);
  update_.bind(7, change.refailures);
  update_.bind(8, change.recoveries);
  update_.bind(9, change.recovery_us);
  if (change.first_us <= change.last_us) {
    update_.bind(10, change.first_us);
    update_.bind(11, change.last_us);
  } else {
    update_.bind_null(10);
    update_.bind_null(11);
  }
  EDDY_TRY(update_.run("counting letters"));
  if (!change.removed) return {};
  look_up_times_.bind(1, kind);
  return look_up_times_.run("looking up when letters failed");
}

Result<void> Tallies::write_slots(std::int64_t oldest) {
  for (const auto& [at, letters] : slots_) {
    if (letters == 0 || at.second < oldest) continue;
    sqlite::Statement& statement = letters > 0 ? add_slot_ : reduce_slot_;
    statement.bind(1, at.first);
    statement.bind(2, at.second);
    statement.bind(3, letters);
    EDDY_TRY(statement.run("counting letters by time"));
  }
  return {};
}

void Tallies::forget() {
  kinds_.clear();
  slots_.clear();
}

}  // namespace eddy::host::triage
