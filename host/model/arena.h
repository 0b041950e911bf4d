// SPDX-License-Identifier: Apache-2.0
// Bump memory for what one record is decoded into.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

namespace eddy::host {

// Hands out memory that lives until reset(). Not thread-safe.
class Arena {
 public:
  // `size` bytes aligned to 8.
  char* allocate(std::size_t size) {
    size = (size + 7) & ~std::size_t{7};
    if (size > left_) grow(size);
    char* memory = next_;
    next_ += size;
    left_ -= size;
    return memory;
  }

  // Frees everything; keeps one block, of at most kKept.
  void reset() {
    if (blocks_.size() > 1) shrink();
    if (blocks_.empty()) return;
    next_ = blocks_.front().memory.get();
    left_ = blocks_.front().size;
  }

 private:
  static constexpr std::size_t kFirst = 16 << 10;
  static constexpr std::size_t kKept = 1 << 20;
  struct Block {
    std::unique_ptr<char[]> memory;
    std::size_t size = 0;
  };

  void grow(std::size_t size) {
    const std::size_t doubled = blocks_.empty() ? kFirst : blocks_.back().size * 2;
    add_block(std::max(size, doubled));
  }

  // A record that needed several blocks will be followed by others like it: one block as large as all, or the limit.
  void shrink() {
    std::size_t total = 0;
    for (const Block& block : blocks_) total += block.size;
    blocks_.clear();
    add_block(std::min(total, kKept));
  }

  void add_block(std::size_t size) {
    blocks_.push_back({std::unique_ptr<char[]>(new char[size]), size});
    next_ = blocks_.back().memory.get();
    left_ = size;
  }

  std::vector<Block> blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace eddy::host
