// SPDX-License-Identifier: Apache-2.0
// Writing the whole of something to a file.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace eddy::host {

// False: not all of it was written, and errno says why.
inline bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace eddy::host
