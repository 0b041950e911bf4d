// SPDX-License-Identifier: Apache-2.0
#include "stream/embedded/wake_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

namespace eddy::host::embedded {

namespace {

constexpr std::uint32_t kWords = 1024;
constexpr std::size_t kBytes = kWords * sizeof(std::uint32_t);

std::atomic_ref<std::uint32_t> atomic(std::uint32_t* word) { return std::atomic_ref<std::uint32_t>(*word); }

}  // namespace

WakeFile::WakeFile(WakeFile&& other) noexcept : words_(std::exchange(other.words_, nullptr)) {}

WakeFile& WakeFile::operator=(WakeFile&& other) noexcept {
  std::swap(words_, other.words_);
  return *this;
}

WakeFile::~WakeFile() {
  if (words_ != nullptr) ::munmap(words_, kBytes);
}

Result<WakeFile> WakeFile::open(const std::string& data_dir) {
  const std::string path = data_dir + "/eddy.wake";
  const auto failed = [&](const char* what) {
    return Error{Code::kConfig, fmt::format("{}: cannot be {}: {}; the user that runs Eddy must be able to write the "
                                            "directory and the files in it",
                                            path, what, std::strerror(errno))};
  };
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return failed("opened");
  struct stat status = {};
  // Allocated, not only extended: a full disk must be found here, not at the first store into the page.
  if (::fstat(file, &status) != 0 || static_cast<std::size_t>(status.st_size) < kBytes) {
    if (const int code = ::posix_fallocate(file, 0, kBytes); code != 0) {
      errno = code;
      ::close(file);
      return failed("enlarged");
    }
  }
  void* page = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  if (page == MAP_FAILED) return failed("mapped");
  return WakeFile(static_cast<std::uint32_t*>(page));
}

// Streams beyond the words share them: a wake for nothing costs little.
std::uint32_t* WakeFile::word(std::uint32_t stream) const {
  return words_ + (stream == kCatalog ? 0 : 1 + (stream - 1) % (kWords - 1));
}

std::uint32_t WakeFile::value(std::uint32_t stream) const { return atomic(word(stream)).load(); }

void WakeFile::bump(std::uint32_t stream) {
  std::uint32_t* const at = word(stream);
  atomic(at).fetch_add(1);
  ::syscall(SYS_futex, at, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

void WakeFile::wait(std::uint32_t stream, std::uint32_t seen, std::chrono::steady_clock::time_point deadline) const {
  const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(deadline - std::chrono::steady_clock::now());
  if (left.count() <= 0) return;
  timespec timeout = {};
  timeout.tv_sec = left.count() / 1'000'000'000;
  timeout.tv_nsec = left.count() % 1'000'000'000;
  ::syscall(SYS_futex, word(stream), FUTEX_WAIT, seen, &timeout, nullptr, 0);
}

}  // namespace eddy::host::embedded
