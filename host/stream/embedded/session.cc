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
                  "SELECT committed FROM position WHERE consumer = ?1 AND stream = ?2 AND partition = ?3"));
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
      if (buffered_.empty()) EDDY_TRY(refill(max_records));
      if (!buffered_.empty()) return hand_out(max_records);
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
  return given;
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
    if (!mine(extent.partition)) continue;
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
  if (place.ended == place.next) place.ended = extent.oldest;
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
  if (row) place.stored = select_position_.integer(0);
  place.ended = place.next = row ? place.stored : extent.oldest;
  return {};
}

void EmbeddedSession::forget_read() {
  buffered_ = {};
  reader_->clear();
}

Result<void> EmbeddedSession::write(StreamId to, const OutRecord& record) {
  if (unit_.parts().empty()) now_us_ = SystemClock().now_us();
  return unit_.add(to, record, now_us_);
}

void EmbeddedSession::end(const Record& record, Outcome outcome) {
  if (record.partition >= places_.size()) return;  // of a poll before abort()
  Place& place = places_[record.partition];
  place.ended = record.offset + 1;
  switch (outcome) {
    case Outcome::kDelivered:
      ++place.tally.delivered;
      break;
    case Outcome::kFiltered:
      ++place.tally.filtered;
      break;
    case Outcome::kDeadLettered:
      ++place.tally.dead_lettered;
      break;
  }
}

void EmbeddedSession::gather_positions() {
  unit_.positions.clear();
  for (std::uint32_t partition = 0; partition < places_.size(); ++partition) {
    const Place& place = places_[partition];
    const bool touched = place.tally.delivered + place.tally.filtered + place.tally.dead_lettered > 0;
    if (touched) unit_.positions.push_back({source_.id, partition, place.stored, place.ended, place.tally});
  }
}

Result<void> EmbeddedSession::commit() {
  gather_positions();
  if (!unit_.empty()) {
    unit_.seal();
    EDDY_TRY(core_->queue->commit(unit_));
  }
  for (const PositionMove& move : unit_.positions) {
    places_[move.partition].stored = move.to;
    places_[move.partition].tally = Tally();
  }
  unit_.clear();
  // What was handed out and not ended comes again.
  const auto open = [](const Place& place) { return place.next != place.ended; };
  if (std::ranges::any_of(places_, open)) {
    for (Place& place : places_) place.next = place.ended;
    forget_read();
  }
  return {};
}

Result<void> EmbeddedSession::abort() {
  unit_.clear();
  places_.clear();
  forget_read();
  return {};
}

void EmbeddedSession::wake() {
  woken_.store(true);
  core_->wake.bump(source_.id);
}

}  // namespace eddy::host::embedded
