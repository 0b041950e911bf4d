// SPDX-License-Identifier: Apache-2.0
// The letters that a redrive is about, fixed when it was asked for.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "dead_letter/letter_state.h"
#include "triage/letter_place.h"

namespace eddy::host {

// All in one stream. Immutable once made; kept as a file of lines "partition offset hops id", with " state at_us"
// behind the id of letters that something was said of.
class Selection {
 public:
  // What was last said of a letter when it was selected.
  struct Mark {
    LetterState state = LetterState::kRecovered;
    std::int64_t at_us = 0;
    bool operator==(const Mark&) const = default;
  };
  using Marks = std::map<std::string, Mark>;  // by the letter's id

  struct Letter {
    std::int64_t offset = 0;
    std::uint32_t hops = 0;
    std::string id;
    std::optional<Mark> mark;  // none: it was open, or parked
  };

  // Only places of `stream` are taken.
  static Selection of(const std::vector<LetterPlace>& places, const std::string& stream, const Marks& marks = {});
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
