// SPDX-License-Identifier: Apache-2.0
// The streams there are: names, ids, partition counts.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "stream/embedded/sqlite.h"
#include "stream/embedded/wake_file.h"
#include "stream/transport.h"

namespace eddy::host::embedded {

struct Stream {
  std::uint32_t id = 0;  // from 1, dense
  std::string name;
  std::uint32_t partitions = 0;
  std::uint32_t retention_days = 0;
};

// Thread-safe. Holds what the database said last, and asks again when it is told of a change, by this process or
// another.
class Catalog {
 public:
  // `wake` must outlive it.
  static Result<std::unique_ptr<Catalog>> open(const std::string& data_dir, WakeFile& wake);

  Result<Stream> find(std::string_view name) const;  // kBadData, with the names there are, when there is none
  Result<Stream> find(StreamId id) const;
  Result<std::vector<StreamInfo>> list() const;
  Result<std::vector<Position>> positions(std::string_view group, std::string_view stream) const;
  Result<std::vector<Stream>> streams() const;

  // Another value: partition counts may have changed.
  std::uint32_t version() const { return wake_.value(WakeFile::kCatalog); }
  void changed() { wake_.bump(WakeFile::kCatalog); }

  // For error texts: "stream 'orders' in data/eddy.db", or its id when it has no name.
  std::string describe(std::uint32_t id) const;

 private:
  Catalog(std::unique_ptr<Database> database, WakeFile& wake) : database_(std::move(database)), wake_(wake) {}
  Result<void> prepare();
  Result<void> refresh(bool force) const;

  // All below is used under the mutex only.
  mutable std::mutex mutex_;
  std::unique_ptr<Database> database_;
  mutable Statement select_streams_;
  mutable Statement select_infos_;
  mutable Statement select_positions_;
  mutable std::map<std::uint32_t, Stream> streams_;
  mutable std::uint32_t seen_ = 0;
  mutable bool loaded_ = false;
  WakeFile& wake_;
};

// Creates or enlarges a stream, in one transaction of its own on `database`. True when something changed.
Result<bool> ensure_stream(Database& database, const StreamSpec& spec);

}  // namespace eddy::host::embedded
