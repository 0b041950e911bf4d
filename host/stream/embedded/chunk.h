// SPDX-License-Identifier: Apache-2.0
// A chunk: the records of one partition that were written together, as FORMAT.md lays them out.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/record.h"
#include "stream/embedded/buffer.h"

namespace eddy::host::embedded {

// A chunk is closed when it has grown to this; a larger record makes a larger chunk.
inline constexpr std::size_t kChunkBytes = 64u << 10;

// What a chunk's row holds beside its bytes.
struct ChunkHeader {
  std::uint32_t stream = 0;
  std::uint32_t partition = 0;
  std::int64_t base = 0;  // offset of the first record
  std::uint32_t count = 0;
  std::int64_t first_us = 0;  // the smallest and the largest timestamp in it
  std::int64_t last_us = 0;
};

// The row's checksum: over the bytes, then over the header, so that a chunk in the wrong place is found too.
// `bytes_crc` is crc32c(bytes); the two steps let a worker do the long one before the base is known.
std::uint32_t chunk_crc(std::uint32_t bytes_crc, const ChunkHeader& header);

// Builds one chunk's bytes. Not thread-safe.
class ChunkWriter {
 public:
  void append(const OutRecord& record, std::int64_t timestamp_us);
  void clear();

  std::string_view bytes() const { return bytes_.view(); }
  std::uint32_t count() const { return count_; }
  std::int64_t first_us() const { return first_us_; }
  std::int64_t last_us() const { return last_us_; }

 private:
  Buffer bytes_;
  std::uint32_t count_ = 0;
  std::int64_t first_us_ = 0;
  std::int64_t last_us_ = 0;
  std::int64_t previous_us_ = 0;
};

// Records decoded out of several chunks, in memory that is used again and again. Not thread-safe.
class RecordBatch {
 public:
  void clear();

  // Adds the records at and after `from` of a chunk. False when the bytes are no chunk of `count` records: then nothing
  // was added. The records are views into `bytes`.
  bool decode(std::string_view bytes, const ChunkHeader& header, std::int64_t from);

  // Valid until the next decode() or clear(). Call once all chunks are in.
  std::span<const Record> records();

  std::size_t size() const { return size_; }

 private:
  // Headers move while their vector grows, so records learn where theirs are at the end.
  struct HeaderRange {
    std::size_t record;
    std::size_t first;
    std::size_t count;
  };
  bool decode_headers(const char*& at, const char* end);

  std::vector<Record> records_;  // only ever grows; size_ of them are in use
  std::size_t size_ = 0;
  std::vector<Header> headers_;
  std::vector<HeaderRange> ranges_;
};

}  // namespace eddy::host::embedded
