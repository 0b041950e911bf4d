// SPDX-License-Identifier: Apache-2.0
#include "function/scratch.h"

#include <algorithm>
#include <new>

namespace eddy::host {

void* Scratch::allocate(std::uint64_t size) {
  if (size > kLimit) return nullptr;
  const std::size_t rounded = (static_cast<std::size_t>(size) + 15) & ~std::size_t{15};
  if (blocks_.empty() || used_ + rounded > blocks_.back().size) {
    const std::size_t block = std::max(kBlock, rounded);
    if (total_ + block > kLimit) return nullptr;
    std::unique_ptr<std::max_align_t[]> memory(new (std::nothrow) std::max_align_t[block / sizeof(std::max_align_t)]);
    if (memory == nullptr) return nullptr;
    blocks_.push_back({std::move(memory), block});
    total_ += block;
    used_ = 0;
  }
  void* at = reinterpret_cast<char*>(blocks_.back().memory.get()) + used_;
  used_ += rounded;
  return at;
}

void Scratch::reset() {
  if (blocks_.size() > 1 || (!blocks_.empty() && blocks_.front().size > kBlock)) {
    blocks_.clear();
    total_ = 0;
  }
  used_ = 0;
}

}  // namespace eddy::host
