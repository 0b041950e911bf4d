// SPDX-License-Identifier: Apache-2.0
// Reads runs of chunks into one reusable buffer and hands out the records in them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/record.h"
#include "base/result.h"
#include "stream/embedded/buffer.h"
#include "stream/embedded/chunk.h"
#include "stream/embedded/sqlite.h"

namespace eddy::host::embedded {

// What a partition holds.
struct Extent {
  std::uint32_t partition = 0;
  std::int64_t oldest = 0;
  std::int64_t next = 0;
};

// Not thread-safe. Each has a connection of its own, so that readers do not wait for each other.
class ChunkReader {
 public:
  static Result<std::unique_ptr<ChunkReader>> open(const std::string& data_dir, std::uint32_t stream,
                                                   std::string stream_name);

  Database& database() { return *database_; }

  // The extents of all partitions, by number. Within a transaction they belong to the same moment as what add() reads.
  Result<void> read_extents(std::vector<Extent>& extents);

  // Forgets the chunks read so far and all records handed out.
  void clear();
  // Copies the chunks of a partition that hold offsets from `from` on, until `max_records` or the byte budget of the
  // buffer are reached; at least one if there is one. True when there was one.
  Result<bool> add(std::uint32_t partition, std::int64_t from, std::size_t max_records);
  std::size_t records_read() const { return records_read_; }
  bool full() const { return bytes_.size() >= kBufferBytes; }

  // Checks and decodes what was read. Of a partition with a bad chunk what stands before it is returned, and it is the
  // first of a later reading; an error where nothing else was read. Valid until the next clear().
  Result<std::span<const Record>> records();

 private:
  static constexpr std::size_t kBufferBytes = 1u << 20;

  struct Piece {
    ChunkHeader header;
    std::int64_t from = 0;
    std::int64_t id = 0;
    std::uint32_t crc = 0;
    std::size_t at = 0;
    std::size_t size = 0;
  };

  ChunkReader(std::unique_ptr<Database> database, std::uint32_t stream, std::string stream_name)
      : database_(std::move(database)), stream_(stream), stream_name_(std::move(stream_name)) {}
  Result<void> prepare();
  void take_row(std::uint32_t partition, std::int64_t from);
  bool intact(const Piece& piece) const;
  bool decode(const Piece& piece);
  Error damaged(const Piece& piece) const;

  std::unique_ptr<Database> database_;
  const std::uint32_t stream_;
  const std::string stream_name_;
  Statement select_extents_;
  Statement select_chunks_;
  Buffer bytes_;
  std::vector<Piece> pieces_;
  std::size_t records_read_ = 0;
  RecordBatch batch_;
};

}  // namespace eddy::host::embedded
