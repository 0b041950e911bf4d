// SPDX-License-Identifier: Apache-2.0
// What a child may use up.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace eddy::host {

struct Limits {
  std::uint64_t memory_bytes = 0;  // address space above what the process has now; 0: none
  std::uint32_t cpu_seconds = 0;   // of its whole life; 0: none
  std::uint32_t open_files = 0;    // 0: as the host
};

// Under a sanitizer memory is not limited: its shadow takes terabytes of address space.
Result<void> set_limits(const Limits& limits);

}  // namespace eddy::host
