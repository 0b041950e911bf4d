// SPDX-License-Identifier: Apache-2.0
#include "function/suspects.h"

#include <algorithm>

namespace eddy::host {

std::uint32_t Suspects::look_up(std::uint32_t partition, std::int64_t offset) const {
  const auto found = std::ranges::find_if(
      open_, [&](const Suspect& suspect) { return suspect.partition == partition && suspect.offset == offset; });
  return found == open_.end() ? 0 : found->deaths;
}

void Suspects::commit() {
  for (const Suspect& ended : ended_) {
    const auto removed = std::erase_if(open_, [&](const Suspect& suspect) {
      return suspect.partition == ended.partition && suspect.offset == ended.offset;
    });
    if (removed != 0) journal_.forget(name_, ended.partition, ended.offset);
  }
  ended_.clear();
}

}  // namespace eddy::host
