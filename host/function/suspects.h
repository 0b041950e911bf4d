// SPDX-License-Identifier: Apache-2.0
// Records that were in a call when a process died: found again when they are polled, forgotten once they have ended.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "guard/journal.h"

namespace eddy::host {

// One worker's. Not thread-safe.
class Suspects {
 public:
  // `name` is the one its cell in the journal was taken with.
  Suspects(Journal& journal, std::string name)
      : journal_(journal), name_(std::move(name)), open_(journal.suspects(name_)) {}

  // Processes that died with this record. It costs a comparison when there are no suspects.
  std::uint32_t deaths(std::uint32_t partition, std::int64_t offset) const {
    return open_.empty() ? 0 : look_up(partition, offset);
  }
  // The record has ended in this unit.
  void end(std::uint32_t partition, std::int64_t offset) {
    if (!open_.empty()) ended_.push_back({name_, partition, offset, 0});
  }
  void commit();
  void abort() { ended_.clear(); }

 private:
  std::uint32_t look_up(std::uint32_t partition, std::int64_t offset) const;

  Journal& journal_;
  const std::string name_;
  std::vector<Suspect> open_;
  std::vector<Suspect> ended_;
};

}  // namespace eddy::host
