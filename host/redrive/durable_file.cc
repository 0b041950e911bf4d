// SPDX-License-Identifier: Apache-2.0
#include "redrive/durable_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "base/file_descriptor.h"
#include "base/write_all.h"

namespace eddy::host {

namespace {

Error failed(const std::string& path, const char* what) {
  return {Code::kUnavailable, path + ": " + what + ": " + std::error_code(errno, std::generic_category()).message()};
}

}  // namespace

Result<void> write_durably(const std::string& path, std::string_view text) {
  const std::string aside = path + ".new";
  const FileDescriptor file(::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (file.get() < 0) return failed(aside, "cannot be made");
  if (!write_all(file.get(), text) || ::fsync(file.get()) != 0) return failed(aside, "cannot be written");
  if (std::rename(aside.c_str(), path.c_str()) != 0) return failed(path, "cannot be replaced");
  const std::string parent = std::filesystem::path(path).parent_path().string();
  const FileDescriptor directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || ::fsync(directory.get()) != 0) return failed(parent, "cannot be synced");
  return {};
}

}  // namespace eddy::host
