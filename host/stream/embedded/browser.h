// SPDX-License-Identifier: Apache-2.0
// Reads a stream of the embedded store without a group.
#pragma once

#include <memory>

#include "stream/embedded/chunk_reader.h"
#include "stream/embedded/core.h"
#include "stream/transport.h"

namespace eddy::host::embedded {

// As eddy::host::Browser says.
class EmbeddedBrowser final : public Browser {
 public:
  static Result<std::unique_ptr<Browser>> open(std::shared_ptr<Core> core, std::string_view stream);

  Result<std::span<const Record>> read(std::uint32_t partition, std::int64_t offset, std::size_t max_records) override;
  void wait(std::chrono::milliseconds wait) override;

 private:
  EmbeddedBrowser(std::shared_ptr<Core> core, Stream source, std::unique_ptr<ChunkReader> reader);
  bool held(std::uint32_t partition, std::int64_t offset);
  Result<void> read_snapshot(std::uint32_t partition, std::int64_t offset, std::size_t max_records);

  const std::shared_ptr<Core> core_;
  const Stream source_;
  std::unique_ptr<ChunkReader> reader_;
  std::vector<Extent> extents_;
  std::span<const Record> buffered_;  // the last reading, from the record to be given next on
  std::uint32_t seen_;
};

}  // namespace eddy::host::embedded
