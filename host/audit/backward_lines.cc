// SPDX-License-Identifier: Apache-2.0
#include "audit/backward_lines.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace eddy::host {
namespace {

constexpr std::int64_t kPiece = 64 << 10;

}  // namespace

Result<BackwardLines> BackwardLines::open(std::string path) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat facts {};
  const bool missing = !file.valid() && errno == ENOENT;
  if (!missing && (!file.valid() || ::fstat(file.get(), &facts) != 0)) {
    return Error{Code::kUnavailable, path + ": cannot be read: " + std::strerror(errno)};
  }
  return BackwardLines(std::move(path), std::move(file), facts.st_size);
}

Result<std::optional<std::string>> BackwardLines::next() {
  while (true) {
    if (const std::size_t end = unread_.rfind('\n'); end != std::string::npos) {
      std::string line = unread_.substr(end + 1);
      unread_.resize(end);
      if (!line.empty()) return std::optional(std::move(line));
      continue;
    }
    if (begin_ == 0) {
      std::string line = std::move(unread_);
      unread_.clear();
      return line.empty() ? std::optional<std::string>() : std::optional(std::move(line));
    }
    const std::int64_t size = std::min(kPiece, begin_);
    std::string piece(static_cast<std::size_t>(size), '\0');
    const ssize_t got = ::pread(file_.get(), piece.data(), piece.size(), begin_ - size);
    if (got != size) return Error{Code::kUnavailable, path_ + ": cannot be read: " + std::strerror(errno)};
    begin_ -= size;
    unread_ = piece + unread_;
  }
}

}  // namespace eddy::host
