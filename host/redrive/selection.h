// SPDX-License-Identifier: Apache-2.0
// The letters that a redrive is about, fixed when it was asked for.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "triage/letter_place.h"

namespace eddy::host {

// All in one stream. Immutable once made; kept as a file of lines "partition offset hops id".
class Selection {
 public:
  struct Letter {
    std::int64_t offset = 0;
    std::uint32_t hops = 0;
    std::string id;
  };

  // Only places of `stream` are taken.
  static Selection of(const std::vector<LetterPlace>& places, const std::string& stream);
  // Durable when it returns.
  Result<void> save(const std::string& file) const;
  // kCorrupt: a line is not as it was written.
  static Result<Selection> load(const std::string& file);

  // Null: it is not meant.
  const Letter* find(std::uint32_t partition, std::int64_t offset) const;
  std::uint64_t size() const { return size_; }
  // Letters of a partition before this offset.
  std::uint64_t before(std::uint32_t partition, std::int64_t offset) const;
  // Offsets from here on are of no interest; 0 when the partition has none.
  std::int64_t end(std::uint32_t partition) const;
  const std::map<std::uint32_t, std::vector<Letter>>& partitions() const { return partitions_; }

 private:
  std::map<std::uint32_t, std::vector<Letter>> partitions_;  // by offset
  std::uint64_t size_ = 0;
};

}  // namespace eddy::host
