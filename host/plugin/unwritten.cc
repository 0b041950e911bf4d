// SPDX-License-Identifier: Apache-2.0
#include "plugin/unwritten.h"

#include <malloc.h>

#include <cstddef>
#include <cstring>

namespace eddy::host {
namespace {

constexpr std::size_t kStack = std::size_t{64} << 10;
constexpr int kNoAddress = 0xa5;  // eight of them are an address that no process has

}  // namespace

__attribute__((noinline)) void fill_unwritten_stack() {
  std::byte unwritten[kStack];
  std::memset(unwritten, kNoAddress, sizeof unwritten);
  asm volatile("" : : "r"(unwritten) : "memory");  // else nobody reads it, and nobody fills it
}

// malloc() gives the complement of what free() leaves behind.
void fill_unwritten_heap() { static_cast<void>(::mallopt(M_PERTURB, ~kNoAddress & 0xff)); }

}  // namespace eddy::host
