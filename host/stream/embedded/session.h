// SPDX-License-Identifier: Apache-2.0
// A worker's end of the embedded store.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "stream/embedded/chunk_reader.h"
#include "stream/embedded/core.h"
#include "stream/embedded/unit.h"
#include "stream/progress.h"
#include "stream/transport.h"

namespace eddy::host::embedded {

// As eddy::host::Session says.
class EmbeddedSession final : public Session {
 public:
  static Result<std::unique_ptr<Session>> open(std::shared_ptr<Core> core, const SessionSpec& spec);

  Result<std::span<const Record>> poll(std::chrono::milliseconds wait, std::size_t max_records) override;
  Result<void> write(StreamId to, const OutRecord& record) override;
  Result<void> check(StreamId to, const OutRecord& record) override { return unit_.check(to, record); }
  using Session::end;
  void end(std::uint32_t partition, std::int64_t offset, Outcome outcome) override;
  void hold(const Record& record, const Wait& wait) override;
  Result<void> commit() override;
  Result<void> abort() override;
  void pause() override { paused_ = true; }
  void resume() override { paused_ = false; }
  void pause(std::uint32_t partition) override;
  void resume(std::uint32_t partition) override;
  std::span<const std::uint32_t> lost() const override { return {}; }
  void wake() override;

 private:
  // Where this worker stands in one of its partitions.
  struct Place {
    bool known = false;                   // read from the database
    bool stored = false;                  // there is a row
    Progress before;                      // as it is in the database
    Progress now;                         // as it will be after the unit
    std::int64_t next = 0;                // next offset to hand out
    std::int64_t replay_until = 0;        // records below have ended in an earlier session, unless they are …
    std::vector<std::int64_t> to_replay;  // … held, and not yet taken over by this one

    // The lowest offset that this session has neither ended nor taken over.
    std::int64_t undecided() const { return to_replay.empty() ? now.frontier() : to_replay.front(); }
  };

  EmbeddedSession(std::shared_ptr<Core> core, const SessionSpec& spec, Stream source,
                  std::unique_ptr<ChunkReader> reader);
  Result<void> prepare();
  bool mine(std::uint32_t partition) const { return partition % spec_.workers == spec_.worker; }
  bool paused(std::uint32_t partition) const {
    return partition < paused_partitions_.size() && paused_partitions_[partition];
  }
  std::span<const Record> hand_out(std::size_t max_records);
  std::span<const Record> replayed(std::span<const Record> given);
  Result<void> refill(std::size_t max_records);
  Result<void> read_snapshot(std::size_t max_records);
  Result<void> bring_up(const Extent& extent, Place& place);
  Result<void> load_position(const Extent& extent, Place& place);
  void forget_read();
  void gather_positions();

  const std::shared_ptr<Core> core_;
  const SessionSpec spec_;
  const Stream source_;
  std::unique_ptr<ChunkReader> reader_;
  Statement select_position_;
  Unit unit_;
  std::int64_t now_us_ = 0;    // the time of records that have none: a clock for each would cost more than they do
  std::vector<Place> places_;  // by partition; those of other workers stay unknown
  std::vector<Extent> extents_;
  std::size_t turn_ = 0;              // which partition is read first, so that none starves
  std::span<const Record> buffered_;  // read, not yet handed out
  bool read_again_ = false;           // the buffered records are not what the next poll may hand out
  bool replays_ = false;              // some place does
  std::vector<Record> replayed_;
  bool paused_ = false;
  std::vector<bool> paused_partitions_;
  std::atomic<bool> woken_ = false;
};

}  // namespace eddy::host::embedded
