// SPDX-License-Identifier: Apache-2.0
#include "plugin/unwritten.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "base/sanitizers.h"

namespace eddy::host {
namespace {

// As damaged code reads it: from a place that it has not written.
__attribute__((noinline)) std::uintptr_t on_the_stack() {
  std::uintptr_t slots[512];
  asm volatile("" : "=m"(slots));  // they are written, as far as the compiler knows
  return slots[256];
}

TEST(Unwritten, TheStackHoldsNoAddress) {
  fill_unwritten_stack();
  EXPECT_EQ(on_the_stack(), 0xa5a5a5a5a5a5a5a5);
}

std::uintptr_t word_in(const void* block) {
  std::uintptr_t word = 0;
  std::memcpy(&word, static_cast<const char*>(block) + 64, sizeof word);
  return word;
}

TEST(Unwritten, TheHeapHoldsNoAddress) {
  if (kAddressSanitizer || kThreadSanitizer) GTEST_SKIP() << "the allocator is the sanitizer's";
  EXPECT_EXIT(
      {
        fill_unwritten_heap();
        void* volatile block = std::malloc(2000);
        std::exit(word_in(block) == 0xa5a5a5a5a5a5a5a5 ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace eddy::host
