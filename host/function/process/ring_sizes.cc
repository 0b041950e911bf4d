// SPDX-License-Identifier: Apache-2.0
#include "function/process/ring_sizes.h"

#include <algorithm>
#include <bit>

namespace eddy::host {

std::optional<std::size_t> ring_for(std::uint64_t message) {
  if (message > kLargestMessage) return std::nullopt;
  return std::min(kLargestRing, std::bit_ceil(static_cast<std::size_t>(message) * 2 + 4096));
}

}  // namespace eddy::host
