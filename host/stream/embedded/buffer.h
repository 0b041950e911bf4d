// SPDX-License-Identifier: Apache-2.0
// A growing run of bytes that is never zeroed and keeps its memory from use to use.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace eddy::host::embedded {

class Buffer {
 public:
  // Readable bytes after size(), always: what simdjson wants behind a value.
  static constexpr std::size_t kPadding = 64;

  const char* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  std::string_view view() const { return {data_.get(), size_}; }

  // Room for `bytes` more at the returned place; advance() takes them over. Earlier pointers are void.
  char* reserve(std::size_t bytes) {
    if (size_ + bytes > capacity_) grow(size_ + bytes);
    return data_.get() + size_;
  }
  void advance_to(const char* end) { size_ = static_cast<std::size_t>(end - data_.get()); }
  void append(std::string_view bytes) {
    char* at = reserve(bytes.size());
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    size_ += bytes.size();
  }

  // Keeps the memory, unless one huge record made it larger than `keep`.
  void clear(std::size_t keep) {
    size_ = 0;
    if (capacity_ <= keep) return;
    data_.reset();
    capacity_ = 0;
  }

 private:
  void grow(std::size_t wanted) {
    const std::size_t capacity = std::max<std::size_t>({wanted, capacity_ * 2, 4096});
    auto data = std::make_unique_for_overwrite<char[]>(capacity + kPadding);
    if (size_ > 0) std::memcpy(data.get(), data_.get(), size_);
    std::memset(data.get() + capacity, 0, kPadding);
    data_ = std::move(data);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace eddy::host::embedded
