// SPDX-License-Identifier: Apache-2.0
// Memory that two processes share: a page of words, then a ring of bytes that is mapped twice in a row, so that what
// wraps around its end is contiguous all the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace eddy::host {

// Move-only; unmaps. A memfd that is sealed: nobody can make it shorter, so that reading it never is a SIGBUS.
class SharedMemory {
 public:
  enum class Access : std::uint8_t { kReadOnly, kReadWrite };
  static constexpr std::size_t kWordsSize = 4096;

  // `ring_bytes`: a power of two, at least a page. `exclusive`: after this mapping nobody can map or write it writable.
  static Result<SharedMemory> create(const std::string& name, std::size_t ring_bytes, bool exclusive);
  // What another process made and handed over; keeps no descriptor.
  static Result<SharedMemory> open(int fd, Access access);

  SharedMemory() = default;
  SharedMemory(SharedMemory&& other) noexcept { *this = std::move(other); }
  SharedMemory& operator=(SharedMemory&& other) noexcept;
  ~SharedMemory();

  void* words() const { return base_; }
  std::byte* ring() const { return base_ + kWordsSize; }  // 2 * ring_bytes() can be addressed
  std::size_t ring_bytes() const { return ring_bytes_; }
  int fd() const { return fd_.get(); }

 private:
  Result<void> map(int fd, Access access);

  FileDescriptor fd_;
  std::byte* base_ = nullptr;
  std::size_t ring_bytes_ = 0;
};

}  // namespace eddy::host
