// SPDX-License-Identifier: Apache-2.0
#include "push/line_file.h"

#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

namespace eddy::host::push {
namespace {

constexpr int kPatienceMs = 1000;  // with a reader of the standard output

}  // namespace

Result<void> LineFile::open() {
  if (name_ == "stdout") return {};
  FileDescriptor fresh(::open(name_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640));
  if (!fresh.valid()) {
    return Error{Code::kUnavailable,
                 "push.emf.file " + name_ + ": cannot be opened for appending: " + std::strerror(errno)};
  }
  file_ = std::move(fresh);
  return {};
}

// A pipe with room for so many bytes as PIPE_BUF is one that a write of so many does not wait for.
Result<void> LineFile::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    pollfd room{fd(), POLLOUT, 0};
    const int ready = ::poll(&room, 1, kPatienceMs);
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return Error{Code::kUnavailable, "push.emf.file " + name_ + ": nobody reads it"};
    const auto written = ::write(fd(), bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Error{Code::kUnavailable, "push.emf.file " + name_ + ": " + std::strerror(errno)};
    torn_ = true;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> LineFile::write(std::string_view line) {
  if (torn_) {
    if (const auto ended = write_all("\n"); !ended) return ended;
    torn_ = false;
  }
  const auto written = write_all(line);
  if (written) torn_ = false;
  return written;
}

}  // namespace eddy::host::push
