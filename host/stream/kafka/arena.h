// SPDX-License-Identifier: Apache-2.0
// Memory that is taken piece by piece and given back all at once.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <vector>

#include "base/bytes.h"

namespace eddy::host::kafka {

// What it gives stays where it is until clear(). Blocks are kept for the next time. Not thread-safe.
class Arena {
 public:
  char* take(std::size_t size) {
    if (size > kBlock) {
      large_.push_back(std::make_unique_for_overwrite<char[]>(size));
      return large_.back().get();
    }
    if (blocks_.empty() || used_ + size > kBlock) next_block();
    char* given = blocks_[block_].get() + used_;
    used_ += size;
    return given;
  }

  // A copy; null stays null, empty stays empty.
  Bytes copy(Bytes bytes) {
    if (bytes.null()) return bytes;
    char* to = take(bytes.size() + 1);
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
    return {to, bytes.size()};
  }

  void clear() {
    large_.clear();
    block_ = 0;
    used_ = 0;
  }

 private:
  static constexpr std::size_t kBlock = 256u << 10;

  void next_block() {
    if (!blocks_.empty()) ++block_;
    if (block_ == blocks_.size()) blocks_.push_back(std::make_unique_for_overwrite<char[]>(kBlock));
    used_ = 0;
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  std::vector<std::unique_ptr<char[]>> large_;
  std::size_t block_ = 0;  // the one in use
  std::size_t used_ = 0;   // of it
};

}  // namespace eddy::host::kafka
