// SPDX-License-Identifier: Apache-2.0
#include "triage/ledger.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/encoding.h"
#include "dead_letter/text.h"

namespace eddy::host::triage {

namespace {

constexpr std::size_t kMostMessageBytes = 4096;  // more of a message is only in the letter
constexpr std::size_t kMostKinds = 200'000;      // kept in memory
constexpr const char* kDropKinds =
    "DELETE FROM kind WHERE open + recovered + redriven + discarded + parked = 0;"
    "DELETE FROM slot WHERE NOT EXISTS (SELECT 1 FROM kind WHERE number = slot.kind)";

// Cut between two characters.
std::string_view cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return text.substr(0, most);
}

LetterPlace place_of(const Followed& stream, const Record& record, const DeadLetter& letter) {
  return {stream.name, record.partition, record.offset, std::string(letter.id), letter.hops};
}

std::int64_t failed_at(const Record& record, const DeadLetter& letter) {
  return letter.failed_at_us != 0 ? letter.failed_at_us : record.timestamp_us;
}

// What tells one kind from another, in the order of the table's columns.
std::array<std::string_view, 9> facts_of(const Followed& stream, const DeadLetter& letter) {
  return {stream.queue,  letter.fingerprint,    letter.error_type,      letter.source,       letter.function,
          letter.plugin, letter.plugin_version, letter.plugin_build_id, letter.origin_stream};
}

}  // namespace

Result<std::unique_ptr<Ledger>> Ledger::open(sqlite::Database& database) {
  auto ledger = std::make_unique<Ledger>();
  ledger->database_ = &database;
  EDDY_ASSIGN(ledger->tallies_, Tallies::open(database));
  EDDY_ASSIGN(ledger->samples_, Samples::open(database));
  EDDY_TRY(ledger->prepare(database));
  return ledger;
}

Result<void> Ledger::prepare(sqlite::Database& database) {
  const auto make = [&](sqlite::Statement& into, std::string_view sql) -> Result<void> {
    EDDY_ASSIGN(into, database.prepare(sql));
    return {};
  };
  EDDY_TRY(make(select_version_, "PRAGMA data_version"));
  EDDY_TRY(make(select_any_state_, "SELECT 1 FROM state LIMIT 1"));
  EDDY_TRY(make(select_kind_,
                "SELECT number FROM kind WHERE queue = ?1 AND fingerprint = ?2 AND error_type = ?3 AND source = ?4 AND "
                "function = ?5 AND plugin = ?6 AND plugin_version = ?7 AND plugin_build_id = ?8 AND "
                "origin_stream = ?9 AND route = ?10"));
  EDDY_TRY(make(insert_kind_,
                "INSERT INTO kind(queue, fingerprint, error_type, source, function, plugin, plugin_version, "
                "plugin_build_id, origin_stream, route, error_message) "
                "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) RETURNING number"));
  EDDY_TRY(
      make(select_letter_,
           "SELECT l.number, l.partition, l.offset, l.kind, l.state, l.hops, l.failed_us, "
           "coalesce(l.recovery_us, -1), s.parked FROM letter l JOIN stream s ON s.number = l.stream WHERE l.id = ?1"));
  const std::string values =
      "INTO letter VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)";
  EDDY_TRY(make(insert_letter_, "INSERT OR IGNORE " + values));
  EDDY_TRY(make(replace_letter_, "INSERT OR REPLACE " + values));
  EDDY_TRY(make(update_state_, "UPDATE letter SET state = ?2, recovery_us = ?3 WHERE number = ?1"));
  EDDY_TRY(make(select_state_, "SELECT state, hops, recovery_us FROM state WHERE id = ?1"));
  EDDY_TRY(make(upsert_state_,
                "INSERT INTO state VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO UPDATE SET "
                "queue = excluded.queue, state = excluded.state, hops = excluded.hops, at_us = excluded.at_us, "
                "who = excluded.who, redrive = excluded.redrive, reason = excluded.reason, "
                "recovery_us = excluded.recovery_us WHERE excluded.hops >= hops"));
  EDDY_TRY(make(select_gone_,
                "SELECT number, kind, state, hops, failed_us, coalesce(recovery_us, -1), id FROM letter "
                "WHERE stream = ?1 AND partition = ?2 AND offset < ?3 LIMIT 10000"));
  EDDY_TRY(make(delete_state_, "DELETE FROM state WHERE id = ?1 AND hops <= ?2"));
  return make(delete_letter_, "DELETE FROM letter WHERE number = ?1");
}

Result<void> Ledger::begin(std::int64_t now_us) {
  const sqlite::ResetLater version(select_version_), any(select_any_state_);
  EDDY_ASSIGN([[maybe_unused]] const bool known, select_version_.step("looking for changes"));
  const std::int64_t found = select_version_.integer(0);
  if (found != data_version_ || kinds_.size() > kMostKinds) kinds_.clear();
  EDDY_TRY(samples_->begin(now_us, found != data_version_));
  data_version_ = found;
  EDDY_ASSIGN(any_states_, select_any_state_.step("looking for states"));
  return {};
}

Result<void> Ledger::end(std::int64_t now_us) { return tallies_->write(now_us); }

void Ledger::forget() {
  tallies_->forget();
  samples_->forget();
  kinds_.clear();
}

Result<Followed> Ledger::follow(const std::string& name, const std::string& queue, bool parked) {
  EDDY_ASSIGN(auto statement,
              database_->prepare("INSERT INTO stream(name, queue, parked) VALUES(?1, ?2, ?3) "
                                 "ON CONFLICT(name) DO UPDATE SET queue = excluded.queue, parked = excluded.parked "
                                 "RETURNING number"));
  statement.bind(1, std::string_view(name));
  statement.bind(2, std::string_view(queue));
  statement.bind(3, std::int64_t{parked});
  EDDY_ASSIGN([[maybe_unused]] const bool row, statement.step("noting a stream"));
  return Followed{statement.integer(0), name, queue, parked};
}

Result<std::int64_t> Ledger::kind_of(const Followed& stream, const DeadLetter& letter) {
  key_.clear();
  for (const std::string_view fact : facts_of(stream, letter)) {
    append_integer(key_, fact.size());
    key_.append(":").append(fact);
  }
  key_.append(letter.route);
  if (const auto known = kinds_.find(key_); known != kinds_.end()) return known->second;
  EDDY_ASSIGN(const std::int64_t number, find_kind(stream, letter));
  kinds_.emplace(key_, number);
  return number;
}

Result<std::int64_t> Ledger::find_kind(const Followed& stream, const DeadLetter& letter) {
  const sqlite::ResetLater select(select_kind_), insert(insert_kind_);
  const auto bind = [&](sqlite::Statement& statement) {
    int index = 0;
    for (const std::string_view fact : facts_of(stream, letter)) statement.bind(++index, fact);
    statement.bind(++index, letter.route);
  };
  bind(select_kind_);
  EDDY_ASSIGN(const bool found, select_kind_.step("looking for a kind"));
  if (found) return select_kind_.integer(0);
  bind(insert_kind_);
  insert_kind_.bind(11, cut(letter.error_message, kMostMessageBytes));
  EDDY_ASSIGN([[maybe_unused]] const bool row, insert_kind_.step("adding a kind"));
  return insert_kind_.integer(0);
}

Result<bool> Ledger::find(std::string_view id, Known& known) {
  const sqlite::ResetLater later(select_letter_);
  select_letter_.bind(1, id);
  EDDY_ASSIGN(const bool found, select_letter_.step("looking for a letter"));
  if (!found) return false;
  const auto number = [this](int column) { return select_letter_.integer(column); };
  known.number = number(0);
  known.partition = static_cast<std::uint32_t>(number(1));
  known.offset = number(2);
  known.weight = {number(3), static_cast<LetterState>(number(4)), static_cast<std::uint32_t>(number(5)), number(6),
                  number(7)};
  known.parked = number(8) != 0;
  return true;
}

Result<Ledger::Standing> Ledger::standing(std::string_view id, std::uint32_t hops, bool parked) {
  Standing standing{parked ? LetterState::kParked : LetterState::kOpen, -1};
  if (!any_states_) return standing;
  const sqlite::ResetLater later(select_state_);
  select_state_.bind(1, id);
  EDDY_ASSIGN(const bool found, select_state_.step("looking for a state"));
  if (!found || select_state_.integer(1) < static_cast<std::int64_t>(hops)) return standing;
  return Standing{static_cast<LetterState>(select_state_.integer(0)), select_state_.integer(2)};
}

// Most letters are new: they cost no look for an older version.
Result<void> Ledger::add(const Followed& stream, const Record& record, const DeadLetter& letter) {
  const std::int64_t failed_us = failed_at(record, letter);
  EDDY_ASSIGN(const std::int64_t kind, kind_of(stream, letter));
  EDDY_ASSIGN(const Standing now, standing(letter.id, letter.hops, stream.parked));
  const Weight weight{kind, now.state, letter.hops, failed_us, now.recovery_us};
  EDDY_TRY(write(insert_letter_, 0, stream, record, letter, weight));
  if (database_->changes() == 0) return replace(stream, record, letter, weight);
  tallies_->add(weight);
  return samples_->offer(stream.queue, place_of(stream, record, letter), record, letter, failed_us);
}

// Whichever comes first, the same one stays: versions by hops, and what tells copies of one version apart.
Result<void> Ledger::replace(const Followed& stream, const Record& record, const DeadLetter& letter,
                             const Weight& weight) {
  Known known;
  EDDY_ASSIGN([[maybe_unused]] const bool seen, find(letter.id, known));
  const auto older = std::tuple(known.weight.hops, known.weight.failed_us, known.parked, known.partition, known.offset);
  const auto newer = std::tuple(letter.hops, weight.failed_us, stream.parked, record.partition, record.offset);
  if (newer < older) return {};
  tallies_->remove(known.weight);
  EDDY_TRY(write(replace_letter_, known.number, stream, record, letter, weight));
  tallies_->add(weight);
  EDDY_TRY(samples_->drop(letter.id));
  return samples_->offer(stream.queue, place_of(stream, record, letter), record, letter, weight.failed_us);
}

Result<void> Ledger::write(sqlite::Statement& row, std::int64_t number, const Followed& stream, const Record& record,
                           const DeadLetter& letter, const Weight& weight) {
  number != 0 ? row.bind(1, number) : row.bind_null(1);
  row.bind(2, letter.id);
  row.bind(3, weight.kind);
  row.bind(4, stream.number);
  row.bind(5, std::int64_t{record.partition});
  row.bind(6, record.offset);
  row.bind(7, static_cast<std::int64_t>(weight.state));
  row.bind(8, std::int64_t{letter.hops});
  row.bind(9, std::int64_t{letter.attempts});
  row.bind(10, weight.failed_us);
  row.bind(11, letter.first_failed_at_us != 0 ? letter.first_failed_at_us : weight.failed_us);
  weight.recovery_us >= 0 ? row.bind(12, weight.recovery_us) : row.bind_null(12);
  const bool placed = letter.origin_offset >= 0;
  placed ? row.bind(13, std::int64_t{letter.origin_partition}) : row.bind_null(13);
  placed ? row.bind(14, letter.origin_offset) : row.bind_null(14);
  row.bind(15, static_cast<std::int64_t>(size_of(record)));
  row.bind(16, std::int64_t{letter.truncated});
  row.bind(17, letter.digest);
  row.bind(18, cut(letter.error_message, kMostMessageBytes));
  row.bind(19, letter.edited_from_id);
  return row.run("adding a letter");
}

Result<void> Ledger::add(const LetterStateRecord& record) {
  sqlite::Statement& row = upsert_state_;
  row.bind(1, std::string_view(record.id));
  row.bind(2, std::string_view(record.queue));
  row.bind(3, static_cast<std::int64_t>(record.state));
  row.bind(4, std::int64_t{record.hops});
  row.bind(5, record.at_us);
  row.bind(6, std::string_view(record.by));
  row.bind(7, std::string_view(record.redrive));
  row.bind(8, std::string_view(record.reason));
  row.bind(9, record.recovery_us);
  EDDY_TRY(row.run("noting a state"));
  any_states_ = true;
  Known known;
  EDDY_ASSIGN(const bool seen, find(record.id, known));
  if (!seen) return {};
  EDDY_ASSIGN(const Standing now, standing(record.id, known.weight.hops, known.parked));
  return set_state(known, now);
}

Result<void> Ledger::set_state(const Known& known, const Standing& standing) {
  if (known.weight.state == standing.state && known.weight.recovery_us == standing.recovery_us) return {};
  Weight weight = known.weight;
  tallies_->remove(weight);
  weight.state = standing.state;
  weight.recovery_us = standing.recovery_us;
  tallies_->add(weight);
  update_state_.bind(1, known.number);
  update_state_.bind(2, static_cast<std::int64_t>(weight.state));
  weight.recovery_us >= 0 ? update_state_.bind(3, weight.recovery_us) : update_state_.bind_null(3);
  return update_state_.run("setting a letter's state");
}

template <typename Visit>
Result<std::uint64_t> Ledger::remove(const Followed& stream, std::uint32_t partition, std::int64_t below, Visit visit) {
  std::uint64_t removed = 0;
  for (;;) {
    EDDY_ASSIGN(const std::vector<Known> gone, gone_of(stream, partition, below));
    if (gone.empty()) return removed;
    for (const Known& letter : gone) {
      tallies_->remove(letter.weight);
      delete_letter_.bind(1, letter.number);
      EDDY_TRY(delete_letter_.run("forgetting a letter that has gone"));
      EDDY_TRY(visit(letter));
      if (!any_states_) continue;
      delete_state_.bind(1, std::string_view(letter.id));  // one of a newer version is still to be met
      delete_state_.bind(2, std::int64_t{letter.weight.hops});
      EDDY_TRY(delete_state_.run("forgetting the state of a letter that has gone"));
    }
    removed += gone.size();
  }
}

Result<std::uint64_t> Ledger::remove(const Followed& stream, std::uint32_t partition, std::int64_t below) {
  return remove(stream, partition, below,
                [&](const Known& letter) { return samples_->note_gone(letter.id, letter.weight.state); });
}

Result<std::uint64_t> Ledger::remove_all(const Followed& stream, std::uint32_t partition) {
  return remove(stream, partition, INT64_MAX, [&](const Known& letter) { return samples_->drop(letter.id); });
}

Result<void> Ledger::drop_leftovers() {
  EDDY_TRY(database_->execute(kDropKinds, "forgetting causes without letters"));
  kinds_.clear();
  return samples_->sweep();
}

Result<std::vector<Ledger::Known>> Ledger::gone_of(const Followed& stream, std::uint32_t partition,
                                                   std::int64_t below) {
  const sqlite::ResetLater later(select_gone_);
  select_gone_.bind(1, stream.number);
  select_gone_.bind(2, std::int64_t{partition});
  select_gone_.bind(3, below);
  std::vector<Known> gone;
  for (;;) {
    EDDY_ASSIGN(const bool row, select_gone_.step("looking for letters that have gone"));
    if (!row) return gone;
    const auto number = [this](int column) { return select_gone_.integer(column); };
    Known& letter = gone.emplace_back();
    letter.number = number(0);
    letter.weight = {number(1), static_cast<LetterState>(number(2)), static_cast<std::uint32_t>(number(3)), number(4),
                     number(5)};
    letter.id = select_gone_.text(6);
  }
}

}  // namespace eddy::host::triage
