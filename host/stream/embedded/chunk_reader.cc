// SPDX-License-Identifier: Apache-2.0
#include "stream/embedded/chunk_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "base/log.h"
#include "stream/embedded/schema.h"

namespace eddy::host::embedded {

namespace {

constexpr const char* kSelectExtents =
    "SELECT partition, oldest, next FROM stream_partition WHERE stream = ?1 ORDER BY partition";
// From the chunk that holds the offset on, or from the next one where there is a gap.
constexpr const char* kSelectChunks = R"sql(
SELECT id, base, count, first_us, last_us, crc, bytes FROM chunk
WHERE stream = ?1 AND partition = ?2 AND base >= coalesce(
  (SELECT max(base) FROM chunk WHERE stream = ?1 AND partition = ?2 AND base <= ?3), ?3)
ORDER BY base)sql";

}  // namespace

Result<std::unique_ptr<ChunkReader>> ChunkReader::open(const std::string& data_dir, std::uint32_t stream,
                                                       std::string stream_name) {
  EDDY_ASSIGN(auto database, connect(data_dir));
  std::unique_ptr<ChunkReader> reader(new ChunkReader(std::move(database), stream, std::move(stream_name)));
  EDDY_TRY(reader->prepare());
  return reader;
}

Result<void> ChunkReader::prepare() {
  EDDY_ASSIGN(select_extents_, database_->prepare(kSelectExtents));
  EDDY_ASSIGN(select_chunks_, database_->prepare(kSelectChunks));
  return {};
}

Result<void> ChunkReader::read_extents(std::vector<Extent>& extents) {
  extents.clear();
  const ResetLater reset(select_extents_);
  select_extents_.bind(1, stream_);
  for (;;) {
    EDDY_ASSIGN(const bool row, select_extents_.step("reading what a stream holds"));
    if (!row) return {};
    extents.push_back({static_cast<std::uint32_t>(select_extents_.integer(0)), select_extents_.integer(1),
                       select_extents_.integer(2)});
  }
}

void ChunkReader::clear() {
  bytes_.clear(4 * kBufferBytes);
  pieces_.clear();
  records_read_ = 0;
  batch_.clear();
}

Result<bool> ChunkReader::add(std::uint32_t partition, std::int64_t from, std::size_t max_records) {
  const ResetLater reset(select_chunks_);
  select_chunks_.bind(1, stream_);
  select_chunks_.bind(2, partition);
  select_chunks_.bind(3, from);
  const std::size_t before = records_read_;
  while (records_read_ - before < max_records && !full()) {
    EDDY_ASSIGN(const bool row, select_chunks_.step("reading records"));
    if (!row) break;
    take_row(partition, from);
  }
  return records_read_ > before;
}

void ChunkReader::take_row(std::uint32_t partition, std::int64_t from) {
  Piece piece;
  piece.id = select_chunks_.integer(0);
  piece.header.stream = stream_;
  piece.header.partition = partition;
  piece.header.base = select_chunks_.integer(1);
  piece.header.count = static_cast<std::uint32_t>(select_chunks_.integer(2));
  piece.header.first_us = select_chunks_.integer(3);
  piece.header.last_us = select_chunks_.integer(4);
  piece.crc = static_cast<std::uint32_t>(select_chunks_.integer(5));
  piece.from = std::max(from, piece.header.base);
  const std::string_view bytes = select_chunks_.blob(6);
  piece.at = bytes_.size();
  piece.size = bytes.size();
  bytes_.append(bytes);
  const std::int64_t end = piece.header.base + piece.header.count;
  // One that ends before `from` stands before a gap, or is damaged: then records() must see it.
  if (end <= from && intact(piece)) return;
  records_read_ += static_cast<std::size_t>(std::max<std::int64_t>(1, end - piece.from));
  pieces_.push_back(piece);
}

bool ChunkReader::intact(const Piece& piece) const {
  return chunk_crc(crc32c(bytes_.view().substr(piece.at, piece.size)), piece.header) == piece.crc;
}

bool ChunkReader::decode(const Piece& piece) {
  return intact(piece) && batch_.decode(bytes_.view().substr(piece.at, piece.size), piece.header, piece.from);
}

Result<std::span<const Record>> ChunkReader::records() {
  const Piece* bad = nullptr;  // the last; nothing behind it in its partition may be read
  for (const Piece& piece : pieces_) {
    if (bad != nullptr && bad->header.partition == piece.header.partition) continue;
    if (!decode(piece)) bad = &piece;
  }
  if (bad != nullptr) {
    Error error = damaged(*bad);
    if (batch_.size() == 0) return error;
    log_limited(LogLevel::kError, "streams", stream_name_, error.text);
  }
  pieces_.clear();
  return batch_.records();
}

Error ChunkReader::damaged(const Piece& piece) const {
  const std::string_view bytes = bytes_.view().substr(piece.at, piece.size);
  return {
      Code::kCorrupt,
      fmt::format("{}: stream '{}' partition {} offset {}: the chunk of {} records ({} bytes) is not what was written "
                  "(CRC32C found {:08x}, expected {:08x}); restore the database from a backup, or give these records "
                  "up: sqlite3 {} 'DELETE FROM chunk WHERE id = {}'",
                  database_->path(), stream_name_, piece.header.partition, piece.header.base, piece.header.count,
                  piece.size, chunk_crc(crc32c(bytes), piece.header), piece.crc, database_->path(), piece.id)};
}

}  // namespace eddy::host::embedded
