// SPDX-License-Identifier: Apache-2.0
#include "stream/embedded/unit.h"

#include <fmt/format.h>

#include "base/hash.h"
#include "stream/partitioner.h"

namespace eddy::host::embedded {

Unit::Unit(const Catalog& catalog, std::size_t max_record_bytes, std::uint32_t first_spread)
    : catalog_(catalog), max_record_bytes_(max_record_bytes), spread_(first_spread) {}

Result<Unit::Output*> Unit::output(StreamId to) {
  // Partition counts change between units only, so that a key stays where it is within one.
  if (parts_.empty() && catalog_seen_ != catalog_.version()) {
    catalog_seen_ = catalog_.version();
    for (Output& known : outputs_) known.targets.clear();
  }
  const auto id = static_cast<std::size_t>(to);
  if (id < outputs_.size() && !outputs_[id].targets.empty()) return &outputs_[id];
  EDDY_ASSIGN(const Stream stream, catalog_.find(to));
  if (outputs_.size() <= id) outputs_.resize(id + 1);
  outputs_[id].stream = stream.id;
  outputs_[id].targets.assign(stream.partitions, Target{});
  return &outputs_[id];
}

Result<std::uint32_t> Unit::choose_partition(const Output& output, const OutRecord& record) const {
  const auto partitions = static_cast<std::uint32_t>(output.targets.size());
  if (!record.partition)
    return record.key.null() ? spread_ % partitions : partition_of_key(record.key.view(), partitions);
  if (*record.partition < partitions) return *record.partition;
  return Error{Code::kBadData, fmt::format("{}: there is no partition {}: expected 0 to {}",
                                           catalog_.describe(output.stream), *record.partition, partitions - 1)};
}

UnitChunk& Unit::open_chunk(Output& output, std::uint32_t partition) {
  Target& target = output.targets[partition];
  if (target.part == kNone) {
    target.part = parts_.size();
    parts_.push_back({output.stream, partition, 0, 0});
  }
  if (target.chunk == kNone) {
    target.chunk = chunks_used_++;
    if (chunks_.size() < chunks_used_) chunks_.emplace_back();
    chunks_[target.chunk].part = target.part;
  }
  return chunks_[target.chunk];
}

Result<void> Unit::check_size(StreamId to, const OutRecord& record) const {
  const std::size_t bytes = size_of(record);
  if (bytes <= max_record_bytes_) return {};
  return Error{Code::kTooLarge,
               fmt::format("{}: the record has {} bytes of key, value and headers, the limit is {}",
                           catalog_.describe(static_cast<std::uint32_t>(to)), bytes, max_record_bytes_)};
}

Result<void> Unit::check(StreamId to, const OutRecord& record) {
  EDDY_TRY(check_size(to, record));
  EDDY_ASSIGN(const Output* const out, output(to));
  EDDY_TRY(choose_partition(*out, record));
  return {};
}

Result<void> Unit::add(StreamId to, const OutRecord& record, std::int64_t now_us) {
  EDDY_TRY(check_size(to, record));
  EDDY_ASSIGN(Output* const out, output(to));
  EDDY_ASSIGN(const std::uint32_t partition, choose_partition(*out, record));
  UnitChunk& chunk = open_chunk(*out, partition);
  chunk.records.append(record, record.timestamp_us != 0 ? record.timestamp_us : now_us);
  if (chunk.records.bytes().size() >= kChunkBytes) {
    close(chunk);
    out->targets[partition].chunk = kNone;
  }
  return {};
}

void Unit::close(UnitChunk& chunk) {
  chunk.bytes_crc = crc32c(chunk.records.bytes());
  parts_[chunk.part].records += chunk.records.count();
  parts_[chunk.part].bytes += chunk.records.bytes().size();
}

void Unit::seal() {
  for (const UnitPart& part : parts_) {
    Target& target = outputs_[part.stream].targets[part.partition];
    if (target.chunk == kNone) continue;
    close(chunks_[target.chunk]);
    target.chunk = kNone;
  }
}

void Unit::clear() {
  for (const UnitPart& part : parts_) outputs_[part.stream].targets[part.partition] = Target{};
  for (std::size_t i = 0; i < chunks_used_; ++i) chunks_[i].records.clear();
  if (!parts_.empty()) ++spread_;
  parts_.clear();
  chunks_used_ = 0;
  positions.clear();
}

}  // namespace eddy::host::embedded
