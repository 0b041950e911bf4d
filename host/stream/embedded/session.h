// SPDX-License-Identifier: Apache-2.0
// A worker's end of the embedded store.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "stream/embedded/chunk_reader.h"
#include "stream/embedded/core.h"
#include "stream/embedded/unit.h"
#include "stream/transport.h"

namespace eddy::host::embedded {

// As eddy::host::Session says.
class EmbeddedSession final : public Session {
 public:
  static Result<std::unique_ptr<Session>> open(std::shared_ptr<Core> core, const SessionSpec& spec);

  Result<std::span<const Record>> poll(std::chrono::milliseconds wait, std::size_t max_records) override;
  Result<void> write(StreamId to, const OutRecord& record) override;
  void end(const Record& record, Outcome outcome) override;
  Result<void> commit() override;
  Result<void> abort() override;
  void pause() override { paused_ = true; }
  void resume() override { paused_ = false; }
  void wake() override;

 private:
  // Where this worker stands in one of its partitions.
  struct Place {
    bool known = false;                         // read from the database
    std::int64_t stored = PositionMove::kNone;  // as it is in the database
    std::int64_t ended = 0;                     // next offset whose end is not marked
    std::int64_t next = 0;                      // next offset to hand out
    Tally tally;                                // of this unit
  };

  EmbeddedSession(std::shared_ptr<Core> core, const SessionSpec& spec, Stream source,
                  std::unique_ptr<ChunkReader> reader);
  Result<void> prepare();
  bool mine(std::uint32_t partition) const { return partition % spec_.workers == spec_.worker; }
  std::span<const Record> hand_out(std::size_t max_records);
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
  bool paused_ = false;
  std::atomic<bool> woken_ = false;
};

}  // namespace eddy::host::embedded
