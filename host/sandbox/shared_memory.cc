// SPDX-License-Identifier: Apache-2.0
#include "sandbox/shared_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

#include "sandbox/system_error.h"

namespace eddy::host {
namespace {

#if !defined(F_SEAL_FUTURE_WRITE)
constexpr int F_SEAL_FUTURE_WRITE = 0x0010;
#endif

}  // namespace

Result<SharedMemory> SharedMemory::create(const std::string& name, std::size_t ring_bytes, bool exclusive) {
  if (!std::has_single_bit(ring_bytes) || ring_bytes < kWordsSize) {
    return Error{Code::kInternal,
                 "shared memory: expected a power of two of at least 4096 bytes, found " + std::to_string(ring_bytes)};
  }
  SharedMemory memory;
  memory.ring_bytes_ = ring_bytes;
  memory.fd_ = FileDescriptor(memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory.fd_.valid()) return cannot("shared memory", "make it");
  if (ftruncate(memory.fd(), static_cast<off_t>(kWordsSize + ring_bytes)) != 0)
    return cannot("shared memory", "give it its size");
  EDDY_TRY(memory.map(memory.fd(), Access::kReadWrite));
  const int seals = F_SEAL_SHRINK | F_SEAL_GROW | (exclusive ? F_SEAL_FUTURE_WRITE : 0) | F_SEAL_SEAL;
  if (fcntl(memory.fd(), F_ADD_SEALS, seals) != 0) return cannot("shared memory", "seal it");
  return memory;
}

Result<SharedMemory> SharedMemory::open(int fd, Access access) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return cannot("shared memory", "look at it");
  SharedMemory memory;
  const auto size = static_cast<std::size_t>(status.st_size);
  memory.ring_bytes_ = size > kWordsSize ? size - kWordsSize : 0;
  if (!std::has_single_bit(memory.ring_bytes_)) {
    return Error{Code::kBadData, "shared memory: found a size that no host gives it: " + std::to_string(size)};
  }
  EDDY_TRY(memory.map(fd, access));
  return memory;
}

Result<void> SharedMemory::map(int fd, Access access) {
  const int protection = access == Access::kReadOnly ? PROT_READ : PROT_READ | PROT_WRITE;
  void* whole =
      mmap(nullptr, kWordsSize + 2 * ring_bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (whole == MAP_FAILED) return cannot("shared memory", "find room for it");
  base_ = static_cast<std::byte*>(whole);
  if (mmap(base_, kWordsSize + ring_bytes_, protection, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED ||
      mmap(base_ + kWordsSize + ring_bytes_, ring_bytes_, protection, MAP_SHARED | MAP_FIXED, fd, kWordsSize) ==
          MAP_FAILED) {
    return cannot("shared memory", "map it");
  }
  return {};
}

SharedMemory& SharedMemory::operator=(SharedMemory&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(base_, other.base_);
  std::swap(ring_bytes_, other.ring_bytes_);
  return *this;
}

SharedMemory::~SharedMemory() {
  if (base_ != nullptr) munmap(base_, kWordsSize + 2 * ring_bytes_);
}

}  // namespace eddy::host
