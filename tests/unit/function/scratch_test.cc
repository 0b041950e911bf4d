// SPDX-License-Identifier: Apache-2.0
#include "function/scratch.h"

#include <gtest/gtest.h>

#include <cstring>

namespace eddy::host {
namespace {

TEST(Scratch, GivesAlignedMemoryThatDoesNotOverlap) {
  Scratch scratch;
  char* last_end = nullptr;
  for (const std::uint64_t size : {1u, 15u, 16u, 17u, 100u}) {
    auto* at = static_cast<char*>(scratch.allocate(size));
    ASSERT_NE(at, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(at) % 16, 0u);
    EXPECT_GE(at, last_end);
    std::memset(at, 0xAB, size);
    last_end = at + size;
  }
}

TEST(Scratch, TakesLargeBlocksAndRefusesTooLargeOnes) {
  Scratch scratch;
  EXPECT_NE(scratch.allocate(10 << 20), nullptr);
  EXPECT_EQ(scratch.allocate(std::uint64_t{257} << 20), nullptr);
  EXPECT_EQ(scratch.allocate(UINT64_MAX), nullptr);
}

TEST(Scratch, LimitsOneCallAndBeginsAnew) {
  Scratch scratch;
  int blocks = 0;
  while (scratch.allocate(std::uint64_t{64} << 20) != nullptr) ++blocks;
  EXPECT_EQ(blocks, 4);  // 256 MiB
  scratch.reset();
  EXPECT_NE(scratch.allocate(std::uint64_t{64} << 20), nullptr);
}

TEST(Scratch, ReusesItsFirstBlock) {
  Scratch scratch;
  void* const first = scratch.allocate(100);
  scratch.reset();
  EXPECT_EQ(scratch.allocate(100), first);
}

}  // namespace
}  // namespace eddy::host
