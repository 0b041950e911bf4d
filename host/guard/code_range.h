// SPDX-License-Identifier: Apache-2.0
// The executable range of a loaded image.
#pragma once

#include <cstdint>

namespace eddy::host {

struct CodeRange {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;

  constexpr bool contains(std::uintptr_t address) const { return address >= begin && address < end; }
  constexpr bool empty() const { return begin == end; }
};

// The executable segments of the loaded image that holds `address` (any function or variable of it), from the first to
// the end of the last. Empty when no image holds it. Thread-safe; not for signal handlers.
CodeRange code_range_of(const void* address);

}  // namespace eddy::host
