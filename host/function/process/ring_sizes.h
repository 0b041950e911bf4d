// SPDX-License-Identifier: Apache-2.0
// How large the two rings of a worker process are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "sandbox/ring.h"

namespace eddy::host {

// Bytes; powers of two.
struct RingSizes {
  std::size_t requests = std::size_t{1} << 20;
  std::size_t responses = std::size_t{1} << 20;

  bool operator==(const RingSizes&) const = default;
};

// All that one call may emit (Binding::max_call_bytes), one record more, and what framing costs. A worker process may
// fill its ring whatever its other memory is limited to, so that no ring is larger.
inline constexpr std::size_t kLargestRing = std::size_t{512} << 20;
inline constexpr std::size_t kLargestMessage = kLargestRing - kMessageHead;

// For a message of this size, and as much behind it where that is allowed. None: too large for any.
std::optional<std::size_t> ring_for(std::uint64_t message);

}  // namespace eddy::host
