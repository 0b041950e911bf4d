// SPDX-License-Identifier: Apache-2.0
#include "plugin/copy.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/file_descriptor.h"
#include "base/write_all.h"
#include "plugin/refusal.h"

namespace eddy::host {

namespace {

namespace fs = std::filesystem;

constexpr const char* kCopyStep = "copy";

Error copy_error(const std::string& what, int error) {
  return not_now(kCopyStep, "to write " + what, std::generic_category().message(error),
                 "see that data_dir is writable for the host alone and has room");
}

FileDescriptor open_as_directory(const std::string& path) {
  return FileDescriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

// The lock on the root: nobody takes a directory for abandoned between its creation and its own lock.
FileDescriptor lock_root(const std::string& root) {
  FileDescriptor fd = open_as_directory(root);
  if (fd.valid() && ::flock(fd.get(), LOCK_EX) != 0) return FileDescriptor();
  return fd;
}

Result<void> check_root(const std::string& root, const FileDescriptor& fd) {
  struct stat status;
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0) return copy_error(root, errno);
  if (status.st_uid != ::geteuid()) {
    return not_now(kCopyStep, "a directory of the host's own", root + " of user " + std::to_string(status.st_uid),
                   "remove it");
  }
  if (::fchmod(fd.get(), 0700) != 0) return copy_error(root, errno);
  return {};
}

// Only what a host has made is ever removed: "<pid>-<six characters>".
bool is_process_directory(const fs::directory_entry& entry) {
  const std::string name = entry.path().filename().string();
  const std::size_t digits = name.find_first_not_of("0123456789");
  std::error_code ignored;
  return digits > 0 && digits != std::string::npos && name[digits] == '-' && name.size() == digits + 7 &&
         entry.symlink_status(ignored).type() == fs::file_type::directory;
}

}  // namespace

void PrivateCopies::clean_up() const {
  const FileDescriptor root = lock_root(root_);
  if (!root.valid()) return;
  std::error_code ignored;
  for (fs::directory_iterator it(root_, ignored), end; !ignored && it != end; it.increment(ignored)) {
    if (!is_process_directory(*it)) continue;
    const FileDescriptor directory = open_as_directory(it->path());
    if (directory.valid() && ::flock(directory.get(), LOCK_EX | LOCK_NB) != 0) continue;
    std::error_code left;
    fs::remove_all(it->path(), left);
  }
}

Result<void> PrivateCopies::open_directory() {
  std::error_code failed;
  fs::create_directories(root_, failed);
  if (failed) return copy_error(root_, failed.value());
  const FileDescriptor root = lock_root(root_);
  EDDY_TRY(check_root(root_, root));
  std::string path = fs::absolute(root_, failed).string() + "/" + std::to_string(::getpid()) + "-XXXXXX";
  if (failed || ::mkdtemp(path.data()) == nullptr) return copy_error(path, failed ? failed.value() : errno);
  // Never closed: the images it holds stay mapped until the process ends, and so does the lock.
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || ::flock(fd, LOCK_EX | LOCK_NB) != 0) return copy_error(path, errno);
  directory_ = path;
  return {};
}

Result<std::string> PrivateCopies::write(std::string_view bytes, const PluginIdentity& identity,
                                         std::uint64_t generation) {
  if (directory_.empty()) EDDY_TRY(open_directory());
  const std::string own = directory_ + "/" + identity.sha256.substr(0, 12) + "-" + std::to_string(generation);
  if (::mkdir(own.c_str(), 0700) != 0) return copy_error(own, errno);
  std::string path = own + "/" + identity.name + ".so";
  const FileDescriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0500));
  if (!fd.valid() || !write_all(fd.get(), bytes) || ::fchmod(fd.get(), 0500) != 0) {
    const int error = errno;
    std::error_code ignored;
    fs::remove_all(own, ignored);
    return copy_error(path, error);
  }
  return path;
}

}  // namespace eddy::host
