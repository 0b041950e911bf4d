// SPDX-License-Identifier: Apache-2.0
// A unit of work being built: chunks for several streams, and the positions that go with them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/record.h"
#include "base/result.h"
#include "stream/embedded/catalog.h"
#include "stream/embedded/chunk.h"
#include "stream/transport.h"

namespace eddy::host::embedded {

// A partition that a unit writes to.
struct UnitPart {
  std::uint32_t stream = 0;
  std::uint32_t partition = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
};

struct UnitChunk {
  ChunkWriter records;
  std::size_t part = 0;
  std::uint32_t bytes_crc = 0;  // set when the chunk is closed
};

// A group's position, moved from what its session knows to be stored. No row is touched when something else is stored:
// then another session of the group was here, and the unit would process records twice.
struct PositionMove {
  static constexpr std::int64_t kNone = -1;
  std::uint32_t stream = 0;
  std::uint32_t partition = 0;
  std::int64_t from = kNone;
  std::string from_state;  // see Progress::encode
  std::int64_t to = 0;
  std::string state;
};

// Not thread-safe; the commit queue reads it while its owner waits. Memory is kept from unit to unit.
class Unit {
 public:
  Unit(const Catalog& catalog, std::size_t max_record_bytes, std::uint32_t first_spread);

  // Copies the record. `now_us` is its time when it has none. Nothing is added on error.
  Result<void> add(StreamId to, const OutRecord& record, std::int64_t now_us);

  // Whether add() would take it.
  Result<void> check(StreamId to, const OutRecord& record);

  // Closes the chunks; to be called before the unit is committed, each time.
  void seal();
  // Forgets all, and lets records without a key go to another partition.
  void clear();
  bool empty() const { return parts_.empty() && positions.empty(); }

  std::span<const UnitPart> parts() const { return parts_; }
  std::span<const UnitChunk> chunks() const { return {chunks_.data(), chunks_used_}; }

  std::string group;
  std::vector<PositionMove> positions;
  bool durable = false;  // must survive a power cut

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  struct Target {
    std::size_t part = kNone;
    std::size_t chunk = kNone;  // the one that still has room
  };
  struct Output {
    std::vector<Target> targets;  // by partition; empty: not looked up since the catalog changed
    std::uint32_t stream = 0;
  };

  Result<void> check_size(StreamId to, const OutRecord& record) const;
  Result<Output*> output(StreamId to);
  Result<std::uint32_t> choose_partition(const Output& output, const OutRecord& record) const;
  UnitChunk& open_chunk(Output& output, std::uint32_t partition);
  void close(UnitChunk& chunk);

  const Catalog& catalog_;
  const std::size_t max_record_bytes_;
  std::uint32_t spread_;  // where records without a key go, modulo partitions
  std::uint32_t catalog_seen_ = 0;
  std::vector<Output> outputs_;  // by stream id
  std::vector<UnitPart> parts_;
  std::vector<UnitChunk> chunks_;  // chunks_used_ of them are in use
  std::size_t chunks_used_ = 0;
};

}  // namespace eddy::host::embedded
