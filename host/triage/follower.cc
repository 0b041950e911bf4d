// SPDX-License-Identifier: Apache-2.0
#include "triage/follower.h"

#include <algorithm>
#include <set>

#include "dead_letter/queue_names.h"
#include "triage/schema.h"

namespace eddy::host::triage {

namespace {

// Records of a transaction: enough to make it cheap, as each writes the same pages of the indexes anew; few enough to
// wait for, and to have in memory.
constexpr std::size_t kMostAtOnce = 20'000;
constexpr std::size_t kBytesAtOnce = std::size_t{32} << 20;
constexpr std::size_t kFirstAtOnce = 1000;  // as long as it is not known how large they are

std::size_t size_of_all(std::span<const Record> records) {
  std::size_t size = 0;
  for (const Record& record : records) size += size_of(record);
  return size;
}

// A state whose letter had left the queue before the index was made. Later ones go with their letters.
constexpr std::string_view kSweepStates =
    "DELETE FROM state WHERE queue = ?1 AND at_us < ?2 AND NOT EXISTS (SELECT 1 FROM letter WHERE letter.id = "
    "state.id)";
constexpr std::int64_t kSweepAfterUs = 3'600'000'000;  // younger ones may be about what another process is reading

}  // namespace

Result<std::unique_ptr<Follower>> Follower::open(sqlite::Database& database, Transport& transport, const Clock& clock,
                                                 const TriageMasks& masks) {
  EDDY_ASSIGN(std::string born, read_meta(database, "born"));
  EDDY_ASSIGN(auto ledger, Ledger::open(database));
  return std::unique_ptr<Follower>(new Follower(database, transport, clock, masks, std::move(ledger), std::move(born)));
}

template <typename Work>
Result<void> Follower::transact(const Work& work) {
  const CatchUp before = done_;
  const auto run = [&]() -> Result<void> {
    sqlite::Transaction transaction(database_);
    EDDY_TRY(transaction.begin());
    EDDY_ASSIGN(const std::string born, read_meta(database_, "born"));
    if (born != born_) return Error{Code::kConflict, database_.path() + ": has been made anew meanwhile"};
    EDDY_TRY(ledger_->begin(clock_.now_us()));
    EDDY_TRY(work());
    EDDY_TRY(ledger_->end(clock_.now_us()));
    return transaction.commit();
  };
  auto ran = run();
  if (!ran) {
    ledger_->forget();
    done_ = before;
  }
  return ran;
}

Result<CatchUp> Follower::catch_up(std::span<const std::string> queues, const std::function<bool()>& stop) {
  done_ = CatchUp();
  stop_ = stop;
  stopped_ = false;
  EDDY_ASSIGN(const auto streams, transport_.list_streams());
  std::set<std::string, std::less<>> existing;
  for (const StreamInfo& stream : streams) existing.insert(stream.name);
  const auto follow_existing = [&](const std::string& name, const std::string& queue, bool parked) -> Result<void> {
    return existing.contains(name) ? follow(name, queue, parked) : Result<void>();
  };
  // States first: what they are about is in its queue by now, unless it has left it again.
  EDDY_TRY(follow_existing(kStateStream, "", false));
  for (const std::string& queue : queues) {
    EDDY_TRY(follow_existing(queue, queue, false));
    EDDY_TRY(follow_existing(queue + kParkedSuffix, queue, true));
    if (!stopped_) EDDY_TRY(sweep_states(queue));
  }
  if (!stopped_) EDDY_TRY(drop_leftovers());
  return done_;
}

Result<Followed> Follower::note(const std::string& name, const std::string& queue, bool parked) {
  EDDY_ASSIGN(auto known, database_.prepare("SELECT number FROM stream WHERE name = ?1 AND queue = ?2"));
  known.bind(1, std::string_view(name));
  known.bind(2, std::string_view(queue));
  EDDY_ASSIGN(const bool found, known.step("looking for a stream"));
  Followed stream{found ? known.integer(0) : 0, name, queue, parked};
  known.reset();
  if (found) return stream;
  EDDY_TRY(transact([&]() -> Result<void> {
    EDDY_ASSIGN(stream, ledger_->follow(name, queue, parked));
    return {};
  }));
  return stream;
}

Result<void> Follower::follow(const std::string& name, const std::string& queue, bool parked) {
  EDDY_ASSIGN(const Followed stream, note(name, queue, parked));
  // Cursors before positions: what another process reads meanwhile is beyond neither.
  EDDY_ASSIGN(const Cursors before, read_cursors(stream));
  EDDY_ASSIGN(const auto positions, transport_.positions("", name));
  EDDY_ASSIGN(const auto browser, transport_.open_browser(name));
  at_once_ = kFirstAtOnce;
  for (const Position& position : positions) EDDY_TRY(follow_partition(stream, *browser, position, before));
  return {};
}

Result<void> Follower::follow_partition(const Followed& stream, Browser& browser, const Position& position,
                                        const Cursors& before) {
  const auto known = before.find(position.partition);
  const bool right =
      known != before.end() && known->second.first >= position.begin && known->second.next <= position.end;
  std::int64_t next = right ? known->second.next : 0;
  if (!right) {
    EDDY_TRY(transact([&]() -> Result<void> {
      EDDY_ASSIGN(const Cursor cursor, settle(stream, position, before));
      next = cursor.next;
      return {};
    }));
  }
  for (;;) {
    EDDY_ASSIGN(const bool more, follow_batch(stream, browser, position, next));
    if (!more) return {};
  }
}

// False at the end.
Result<bool> Follower::follow_batch(const Followed& stream, Browser& browser, const Position& position,
                                    std::int64_t& next) {
  if (next >= position.end) return false;
  stopped_ = stopped_ || (stop_ && stop_());
  if (stopped_) return false;
  EDDY_ASSIGN(const auto records, browser.read(position.partition, next, at_once_));
  if (records.empty()) return false;
  at_once_ = std::clamp<std::size_t>(kBytesAtOnce / (size_of_all(records) / records.size() + 1), 1, kMostAtOnce);
  auto taken = transact([&] { return take(stream, position.partition, records, next); });
  if (!taken) return taken.take_error();
  return true;
}

// Of two that catch up at once the one behind passes over what the other has read.
Result<void> Follower::take(const Followed& stream, std::uint32_t partition, std::span<const Record> records,
                            std::int64_t& next) {
  EDDY_ASSIGN(const Cursors now, read_cursors(stream));
  Cursor cursor = now.at(partition);
  for (const Record& record : records) {
    if (record.offset >= cursor.next) EDDY_TRY(take_one(stream, record));
  }
  cursor.next = std::max(cursor.next, records.back().offset + 1);
  next = cursor.next;
  return write_cursor(stream, partition, cursor);
}

Result<void> Follower::take_one(const Followed& stream, const Record& record) {
  if (stream.queue.empty()) {
    const auto state = read_letter_state(record);
    ++(state ? done_.states : done_.strangers);
    return state ? ledger_->add(*state) : Result<void>();
  }
  auto letter = reader_.read(record);
  // The key is not at hand: what is to be listed needs none.
  if (!letter && letter.error().code == Code::kConfig) letter = reader_.read_facts(record);
  ++(letter ? done_.letters : done_.strangers);
  return letter ? take_letter(stream, record, **letter) : Result<void>();
}

const Mask& Follower::mask_of(const std::string& queue) {
  const auto [at, first] = known_masks_.try_emplace(queue);
  if (first && masks_.of) at->second = masks_.of(queue);
  return at->second;
}

Result<void> Follower::take_letter(const Followed& stream, const Record& record, const DeadLetter& letter) {
  const Mask& mask = mask_of(stream.queue);
  if (!mask.hides()) return ledger_->add(stream, record, letter);
  const std::string message = mask.text_of(letter, letter.error_message);
  DeadLetter shown = letter;
  shown.error_message = message;
  return ledger_->add(stream, record, shown);
}

Result<Follower::Cursor> Follower::settle(const Followed& stream, const Position& position, const Cursors& before) {
  EDDY_ASSIGN(const Cursors now, read_cursors(stream));
  const auto known = now.find(position.partition);
  Cursor cursor = known != now.end() ? known->second : Cursor{position.begin, position.begin};
  const auto seen = before.find(position.partition);
  const bool unchanged = seen != before.end() && seen->second == cursor;
  if (unchanged && cursor.next > position.end) {
    // The stream was made anew: nothing that was read of it is there.
    EDDY_ASSIGN(const std::uint64_t gone, ledger_->remove_all(stream, position.partition));
    done_.gone += gone;
    cursor = {position.begin, position.begin};
  } else if (cursor.first < position.begin) {
    EDDY_ASSIGN(const std::uint64_t gone, ledger_->remove(stream, position.partition, position.begin));
    done_.gone += gone;
    cursor = {position.begin, std::max(cursor.next, position.begin)};
  }
  EDDY_TRY(write_cursor(stream, position.partition, cursor));
  return cursor;
}

Result<Follower::Cursors> Follower::read_cursors(const Followed& stream) {
  EDDY_ASSIGN(auto rows, database_.prepare("SELECT partition, first, next FROM cursor WHERE stream = ?1"));
  rows.bind(1, stream.number);
  Cursors cursors;
  for (;;) {
    EDDY_ASSIGN(const bool row, rows.step("reading cursors"));
    if (!row) return cursors;
    cursors[static_cast<std::uint32_t>(rows.integer(0))] = {rows.integer(1), rows.integer(2)};
  }
}

Result<void> Follower::write_cursor(const Followed& stream, std::uint32_t partition, const Cursor& cursor) {
  EDDY_ASSIGN(auto row, database_.prepare("INSERT OR REPLACE INTO cursor VALUES(?1, ?2, ?3, ?4)"));
  row.bind(1, stream.number);
  row.bind(2, std::int64_t{partition});
  row.bind(3, cursor.first);
  row.bind(4, cursor.next);
  return row.run("moving a cursor");
}

Result<void> Follower::sweep_states(const std::string& queue) {
  EDDY_ASSIGN(auto unswept, database_.prepare("SELECT 1 FROM stream WHERE queue = ?1 AND swept = 0"));
  unswept.bind(1, std::string_view(queue));
  EDDY_ASSIGN(const bool any, unswept.step("looking for streams read for the first time"));
  unswept.reset();
  if (!any) return {};
  return transact([&]() -> Result<void> {
    EDDY_ASSIGN(auto sweep, database_.prepare(kSweepStates));
    sweep.bind(1, std::string_view(queue));
    sweep.bind(2, clock_.now_us() - kSweepAfterUs);
    EDDY_TRY(sweep.run("forgetting states of letters that have gone"));
    EDDY_ASSIGN(auto note, database_.prepare("UPDATE stream SET swept = 1 WHERE queue = ?1"));
    note.bind(1, std::string_view(queue));
    return note.run("noting that old states are forgotten");
  });
}

// What letters that have gone leave behind, and half hours that are past.
Result<void> Follower::drop_leftovers() {
  EDDY_ASSIGN(const std::int64_t slot, database_.query_integer("SELECT value FROM meta WHERE name = 'slot'"));
  const std::int64_t now = clock_.now_us() / LetterGroup::kSlotUs;
  if (done_.gone == 0 && slot == now) return {};
  return transact([&]() -> Result<void> {
    EDDY_TRY(ledger_->drop_leftovers());
    const std::string past = std::to_string(now - static_cast<std::int64_t>(LetterGroup::kSlots));
    EDDY_TRY(database_.execute(("DELETE FROM slot WHERE slot <= " + past).c_str(), "forgetting past half hours"));
    return database_.execute(("UPDATE meta SET value = " + std::to_string(now) + " WHERE name = 'slot'").c_str(),
                             "noting the time");
  });
}

}  // namespace eddy::host::triage
