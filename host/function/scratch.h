// SPDX-License-Identifier: Apache-2.0
// Memory that lives as long as one call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace eddy::host {

// A bump allocator. Not thread-safe.
class Scratch {
 public:
  // `size` bytes aligned to 16; null past kLimit or when there is no memory.
  void* allocate(std::uint64_t size);
  // Frees everything, keeps the first block.
  void reset();

 private:
  static constexpr std::size_t kBlock = 64 << 10;
  static constexpr std::size_t kLimit = std::size_t{256} << 20;
  struct Block {
    std::unique_ptr<std::max_align_t[]> memory;
    std::size_t size = 0;
  };
  std::vector<Block> blocks_;
  std::size_t used_ = 0;   // of the last block
  std::size_t total_ = 0;  // of all blocks
};

}  // namespace eddy::host
