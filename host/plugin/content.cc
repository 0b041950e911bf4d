// SPDX-License-Identifier: Apache-2.0
#include "plugin/content.h"

#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "plugin/refusal.h"

namespace eddy::host {

namespace {

constexpr const char* kReadStep = "read";

// Not the change time: a chmod by `install` leaves the bytes alone.
bool same_bytes(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

Error read_error() {
  return not_now(kReadStep, "to read the file", std::generic_category().message(errno),
                 "see the file system's own log");
}

}  // namespace

Result<std::string> read_content(const FileDescriptor& fd) {
  struct stat before;
  struct stat after;
  if (::fstat(fd.get(), &before) != 0) return read_error();
  std::string bytes(static_cast<std::size_t>(before.st_size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::pread(fd.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return read_error();
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  if (::fstat(fd.get(), &after) != 0) return read_error();
  if (done != bytes.size() || !same_bytes(before, after)) {
    return not_now(kReadStep, "a file at rest", "one that changed while it was read",
                   "write it elsewhere on the same file system and move it into place");
  }
  return bytes;
}

}  // namespace eddy::host
