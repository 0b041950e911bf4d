// SPDX-License-Identifier: Apache-2.0
#include "stream/embedded/browser.h"

#include <fmt/format.h>

#include <algorithm>

namespace eddy::host::embedded {

EmbeddedBrowser::EmbeddedBrowser(std::shared_ptr<Core> core, Stream source, std::unique_ptr<ChunkReader> reader)
    : core_(std::move(core)),
      source_(std::move(source)),
      reader_(std::move(reader)),
      seen_(core_->wake.value(source_.id)) {}

Result<std::unique_ptr<Browser>> EmbeddedBrowser::open(std::shared_ptr<Core> core, std::string_view stream) {
  EDDY_ASSIGN(Stream source, core->catalog->find(stream));
  EDDY_ASSIGN(auto reader, ChunkReader::open(core->options.data_dir, source.id, source.name));
  return std::unique_ptr<Browser>(new EmbeddedBrowser(std::move(core), std::move(source), std::move(reader)));
}

Result<std::span<const Record>> EmbeddedBrowser::read(std::uint32_t partition, std::int64_t offset,
                                                      std::size_t max_records) {
  if (!held(partition, offset)) {
    seen_ = core_->wake.value(source_.id);
    buffered_ = {};
    reader_->clear();
    EDDY_TRY(read_snapshot(partition, offset, max_records));
    EDDY_ASSIGN(buffered_, reader_->records());
  }
  const std::span<const Record> given = buffered_.first(std::min(max_records, buffered_.size()));
  buffered_ = buffered_.subspan(given.size());
  return given;
}

// Whoever reads on, record by record, must not cost a chunk each.
bool EmbeddedBrowser::held(std::uint32_t partition, std::int64_t offset) {
  return !buffered_.empty() && buffered_.front().partition == partition && buffered_.front().offset == offset;
}

Result<void> EmbeddedBrowser::read_snapshot(std::uint32_t partition, std::int64_t offset, std::size_t max_records) {
  Transaction transaction(reader_->database());
  EDDY_TRY(transaction.begin("BEGIN"));
  EDDY_TRY(reader_->read_extents(extents_));
  if (partition >= extents_.size()) {
    return Error{Code::kBadData, fmt::format("stream '{}' in {}: there is no partition {}: expected 0 to {}",
                                             source_.name, reader_->database().path(), partition, extents_.size() - 1)};
  }
  if (max_records == 0) return {};
  EDDY_ASSIGN([[maybe_unused]] const bool some,
              reader_->add(partition, std::max(offset, extents_[partition].oldest), max_records));
  return {};
}

void EmbeddedBrowser::wait(std::chrono::milliseconds wait) {
  constexpr std::chrono::milliseconds kLongestWait = std::chrono::hours(24);
  core_->wake.wait(source_.id, seen_, std::chrono::steady_clock::now() + std::min(wait, kLongestWait));
}

}  // namespace eddy::host::embedded
