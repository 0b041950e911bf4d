// SPDX-License-Identifier: Apache-2.0
#include "stream/embedded/host_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace eddy::host::embedded {

namespace {

std::string holder_of(int file) {
  char text[32] = {};
  const ssize_t size = ::pread(file, text, sizeof text - 1, 0);
  std::string pid(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!pid.empty() && pid.back() == '\n') pid.pop_back();
  return pid.empty() ? "another process" : "process " + pid;
}

}  // namespace

HostLock::HostLock(HostLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

HostLock& HostLock::operator=(HostLock&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

HostLock::~HostLock() {
  if (file_ >= 0) ::close(file_);
}

Result<HostLock> HostLock::take(const std::string& data_dir) {
  const std::string path = data_dir + "/eddy.lock";
  HostLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (lock.file_ < 0) {
    return Error{Code::kConfig, fmt::format("{}: cannot be opened: {}; the user that runs Eddy must be able to write "
                                            "the directory",
                                            path, std::strerror(errno))};
  }
  if (::flock(lock.file_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) {
      return Error{Code::kUnavailable,
                   fmt::format("data_dir {}: {} already runs a host on it (lock {}); stop it first, "
                               "or choose another data_dir",
                               data_dir, holder_of(lock.file_), path)};
    }
    return Error{Code::kUnavailable, fmt::format("{}: cannot be locked: {}", path, std::strerror(errno))};
  }
  // The pid only makes a refusal's text better, so a disk that is full may keep it.
  const std::string pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(lock.file_, 0) != 0 || ::pwrite(lock.file_, pid.data(), pid.size(), 0) < 0) return lock;
  return lock;
}

}  // namespace eddy::host::embedded
