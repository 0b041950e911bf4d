// SPDX-License-Identifier: Apache-2.0
#include "stream/embedded/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"

namespace eddy::host::embedded {

namespace {

constexpr std::chrono::milliseconds kLongestWait = std::chrono::hours(24);
constexpr std::size_t kMostRecords = 1u << 20;

}  // namespace

EmbeddedSession::EmbeddedSession(std::shared_ptr<Core> core, const SessionSpec& spec, Stream source,
                                 std::unique_ptr<ChunkReader> reader)
    : core_(std::move(core)),
      spec_(spec),
      source_(std::move(source)),
      reader_(std::move(reader)),
      unit_(*core_->catalog, core_->options.max_record_bytes, spec.worker) {
  unit_.group = spec_.group;
}

Result<std::unique_ptr<Session>> EmbeddedSession::open(std::shared_ptr<Core> core, const SessionSpec& spec) {
  if (spec.workers == 0 || spec.worker >= spec.workers) {
    return Error{Code::kInternal, fmt::format("session of group '{}': worker {} of {}; expected a worker below their "
                                              "number",
                                              spec.group, spec.worker, spec.workers)};
  }
  EDDY_ASSIGN(Stream source, core->catalog->find(spec.stream));
  EDDY_ASSIGN(auto reader, ChunkReader::open(core->options.data_dir, source.id, source.name));
  std::unique_ptr<EmbeddedSession> session(
      new EmbeddedSession(std::move(core), spec, std::move(source), std::move(reader)));
  EDDY_TRY(session->prepare());
  return std::unique_ptr<Session>(std::move(session));
}

Result<void> EmbeddedSession::prepare() {
  EDDY_ASSIGN(select_position_,
              reader_->database().prepare(
                  "SELECT committed, state FROM position WHERE consumer = ?1 AND stream = ?2 AND partition = ?3"));
  return {};
}

Result<std::span<const Record>> EmbeddedSession::poll(std::chrono::milliseconds wait, std::size_t max_records) {
  const auto deadline = std::chrono::steady_clock::now() + std::min(wait, kLongestWait);
  max_records = std::min(max_records, kMostRecords);
  for (;;) {
    // Before the flag and the database are looked at: what comes after changes it, and the wait returns at once.
    const std::uint32_t seen = core_->wake.value(source_.id);
    if (woken_.exchange(false) || max_records == 0) return std::span<const Record>();
    if (!paused_) {
      if (buffered_.empty() || read_again_) EDDY_TRY(refill(max_records));
      if (!buffered_.empty()) {
        const auto given = hand_out(max_records);
        if (!given.empty()) return given;
        continue;  // all of them had ended before
      }
    }
    if (std::chrono::steady_clock::now() >= deadline) return std::span<const Record>();
    core_->wake.wait(source_.id, seen, deadline);
  }
}

std::span<const Record> EmbeddedSession::hand_out(std::size_t max_records) {
  const std::span<const Record> given = buffered_.first(std::min(max_records, buffered_.size()));
  buffered_ = buffered_.subspan(given.size());
  for (const Record& record : given) places_[record.partition].next = record.offset + 1;
  now_us_ = SystemClock().now_us();
  return replays_ ? replayed(given) : given;
}

// Leaves out what had ended, and gives what is held the wait it was held with.
std::span<const Record> EmbeddedSession::replayed(std::span<const Record> given) {
  replayed_.clear();
  for (const Record& record : given) {
    const Place& place = places_[record.partition];
    const bool old = record.offset < place.replay_until;
    if (old && !std::ranges::binary_search(place.to_replay, record.offset)) continue;
    Record& copy = replayed_.emplace_back(record);
    if (const Wait* wait = old ? place.now.wait_of(record.offset) : nullptr; wait != nullptr) {
      copy.attempts = wait->attempts;
      copy.due_us = wait->due_us;
    }
  }
  replays_ = std::ranges::any_of(places_, [](const Place& place) { return place.next < place.replay_until; });
  return replayed_;
}

Result<void> EmbeddedSession::refill(std::size_t max_records) {
  forget_read();
  EDDY_TRY(read_snapshot(max_records));
  EDDY_ASSIGN(buffered_, reader_->records());
  return {};
}

// One short read transaction: a long one would keep the log from being moved into the database.
Result<void> EmbeddedSession::read_snapshot(std::size_t max_records) {
  Transaction transaction(reader_->database());
  EDDY_TRY(transaction.begin("BEGIN"));
  EDDY_TRY(reader_->read_extents(extents_));
  const std::size_t partitions = extents_.size();
  const std::size_t share =
      std::max<std::size_t>(1, max_records * spec_.workers / std::max<std::size_t>(1, partitions));
  if (places_.size() < partitions) places_.resize(partitions);
  for (std::size_t i = 0; i < partitions; ++i) {
    const Extent& extent = extents_[(turn_ + i) % partitions];
    if (!mine(extent.partition) || paused(extent.partition)) continue;
    Place& place = places_[extent.partition];
    EDDY_TRY(bring_up(extent, place));
    if (place.next >= extent.next) continue;
    EDDY_ASSIGN(const bool some, reader_->add(extent.partition, place.next, share));
    if (!some) place.next = extent.next;  // given up by hand: nothing is held up to the end
    if (reader_->records_read() >= max_records || reader_->full()) {
      turn_ = (turn_ + i + 1) % partitions;
      break;
    }
  }
  return {};
}

Result<void> EmbeddedSession::bring_up(const Extent& extent, Place& place) {
  if (!place.known) EDDY_TRY(load_position(extent, place));
  if (place.next >= extent.oldest) return {};
  // Retention was faster than this group.
  place.now.skip_to(extent.oldest, true);
  std::erase_if(place.to_replay, [&](std::int64_t held) { return held < extent.oldest; });
  place.next = extent.oldest;
  return {};
}

Result<void> EmbeddedSession::load_position(const Extent& extent, Place& place) {
  const ResetLater reset(select_position_);
  select_position_.bind(1, spec_.group);
  select_position_.bind(2, source_.id);
  select_position_.bind(3, extent.partition);
  EDDY_ASSIGN(const bool row, select_position_.step("reading a position"));
  place = Place();
  place.known = true;
  place.stored = row;
  place.before = Progress(extent.oldest);
  if (row) {
    EDDY_ASSIGN(place.before, Progress::decode(select_position_.integer(0), select_position_.text(1)));
  }
  place.now = place.before;
  place.next = place.before.committed();
  if (!place.before.held().empty()) {
    place.replay_until = place.before.frontier();
    for (const auto& [offset, wait] : place.before.held()) place.to_replay.push_back(offset);
    replays_ = true;
  }
  return {};
}

void EmbeddedSession::forget_read() {
  buffered_ = {};
  read_again_ = false;
  reader_->clear();
}

Result<void> EmbeddedSession::write(StreamId to, const OutRecord& record) {
  if (unit_.parts().empty()) now_us_ = SystemClock().now_us();
  return unit_.add(to, record, now_us_);
}

void EmbeddedSession::end(std::uint32_t partition, std::int64_t offset, Outcome outcome) {
  if (partition >= places_.size()) return;  // of a poll before abort()
  Place& place = places_[partition];
  place.now.end(offset, outcome);
  if (!place.to_replay.empty()) std::erase(place.to_replay, offset);
}

void EmbeddedSession::hold(const Record& record, const Wait& wait) {
  if (record.partition >= places_.size()) return;
  Place& place = places_[record.partition];
  place.now.hold(record.offset, wait);
  if (!place.to_replay.empty()) std::erase(place.to_replay, record.offset);
}

void EmbeddedSession::pause(std::uint32_t partition) {
  if (paused_partitions_.size() <= partition) paused_partitions_.resize(partition + 1);
  paused_partitions_[partition] = true;
  read_again_ = true;  // what is buffered may hold its records; the caller may still look at the last batch
}

void EmbeddedSession::resume(std::uint32_t partition) {
  if (paused(partition)) paused_partitions_[partition] = false;
}

void EmbeddedSession::gather_positions() {
  unit_.positions.clear();
  for (std::uint32_t partition = 0; partition < places_.size(); ++partition) {
    const Place& place = places_[partition];
    if (place.now == place.before) continue;
    PositionMove& move = unit_.positions.emplace_back();
    move.stream = source_.id;
    move.partition = partition;
    if (place.stored) {
      move.from = place.before.committed();
      move.from_state = place.before.encode();
    }
    move.to = place.now.committed();
    move.state = place.now.encode();
  }
}

Result<void> EmbeddedSession::commit() {
  gather_positions();
  if (!unit_.empty()) {
    unit_.seal();
    EDDY_TRY(core_->queue->commit(unit_));
  }
  for (const PositionMove& move : unit_.positions) {
    Place& place = places_[move.partition];
    place.stored = true;
    place.before = place.now;
  }
  unit_.clear();
  // What was handed out and neither ended nor held comes again.
  if (std::ranges::any_of(places_, [](const Place& place) { return place.next > place.undecided(); })) {
    for (Place& place : places_) place.next = std::min(place.next, place.undecided());
    replays_ = std::ranges::any_of(places_, [](const Place& place) { return place.next < place.replay_until; });
    forget_read();
  }
  return {};
}

Result<void> EmbeddedSession::abort() {
  unit_.clear();
  places_.clear();
  replays_ = false;
  forget_read();
  return {};
}

void EmbeddedSession::wake() {
  woken_.store(true);
  core_->wake.bump(source_.id);
}

}  // namespace eddy::host::embedded
