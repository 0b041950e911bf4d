// SPDX-License-Identifier: Apache-2.0
#include "plugin/place.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "plugin/refusal.h"

namespace eddy::host {

namespace {

constexpr const char* kOpenStep = "open";
// O_NONBLOCK: a FIFO dropped into the directory must not hold the control thread.
constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

std::string errno_text(int error) { return std::generic_category().message(error); }

std::string octal(mode_t mode) {
  char text[16];
  std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777));
  return text;
}

bool is_strangers(const struct stat& status) { return status.st_uid != 0 && status.st_uid != ::geteuid(); }

Error open_error(int error) {
  if (error == ELOOP) {
    return refuse(kOpenStep, "a file of its own", "a symbolic link", "copy the file itself into the directory");
  }
  return not_now(kOpenStep, "a readable file", errno_text(error), "make it readable for the user that runs the host");
}

int open_beneath(int directory, const char* name) {
  struct open_how how = {};
  how.flags = static_cast<std::uint64_t>(kFlags | O_NOFOLLOW);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const long fd = ::syscall(SYS_openat2, directory, name, &how, sizeof how);
  // Old kernels do not know the call, old container profiles forbid it; a single name needs no more than O_NOFOLLOW.
  if (fd < 0 && (errno == ENOSYS || errno == EPERM)) return ::openat(directory, name, kFlags | O_NOFOLLOW);
  return static_cast<int>(fd);
}

Result<FileDescriptor> open_directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  FileDescriptor fd(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  struct stat status;
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0) {
    return not_now(kOpenStep, "the directory " + directory, errno_text(errno), "create it");
  }
  // Who writes to the directory replaces what is in it, whoever owns the files.
  if (is_strangers(status)) {
    return not_now(kOpenStep, "a directory owned by root or by user " + std::to_string(::geteuid()),
                   directory + " of user " + std::to_string(status.st_uid), "chown it");
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return not_now(kOpenStep, "a directory that only its owner writes to",
                   directory + " with mode " + octal(status.st_mode), "chmod go-w " + directory);
  }
  return fd;
}

const char* kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "a device";
  if (S_ISSOCK(mode)) return "a socket";
  return "something else";
}

Result<void> check_shape(const struct stat& status, const FileShape& shape) {
  if (!S_ISREG(status.st_mode)) {
    return refuse(kOpenStep, "a regular file", kind_of(status.st_mode), "take it out of the directory");
  }
  if (status.st_size == 0) {
    return refuse(kOpenStep, shape.expected, "an empty file", "copy it again, and move it into place when it is whole");
  }
  if (static_cast<std::uint64_t>(status.st_size) > shape.largest) {
    return refuse(kOpenStep, shape.limit, std::to_string(status.st_size) + " bytes", shape.advice);
  }
  return {};
}

Result<void> check_hands(const std::string& path, const struct stat& status) {
  if (is_strangers(status)) {
    return refuse(kOpenStep, "a file owned by root or by user " + std::to_string(::geteuid()),
                  "owner " + std::to_string(status.st_uid), "chown it: who owns it decides what the host runs");
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return refuse(kOpenStep, "a file that only its owner writes to", "mode " + octal(status.st_mode),
                  "chmod go-w " + path);
  }
  if ((status.st_mode & (S_ISUID | S_ISGID)) != 0) {
    return refuse(kOpenStep, "a file without set-user-ID and set-group-ID", "mode " + octal(status.st_mode),
                  "chmod ug-s " + path);
  }
  return {};
}

// What is open is what is asked for.
Result<FileDescriptor> checked(FileDescriptor fd, const std::string& path, const FileShape& shape, bool hands) {
  struct stat status;
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0) return open_error(errno);
  EDDY_TRY(check_shape(status, shape));
  if (hands) EDDY_TRY(check_hands(path, status));
  return fd;
}

}  // namespace

Result<FileDescriptor> open_in_place(const std::string& path, bool any_place, const FileShape& shape) {
  FileDescriptor fd;
  if (any_place) {
    fd = FileDescriptor(::open(path.c_str(), kFlags));
  } else {
    EDDY_ASSIGN(const FileDescriptor directory, open_directory_of(path));
    const std::size_t slash = path.rfind('/');
    fd = FileDescriptor(open_beneath(directory.get(), path.c_str() + (slash == std::string::npos ? 0 : slash + 1)));
  }
  return checked(std::move(fd), path, shape, !any_place);
}

Result<FileDescriptor> open_in_hands(const std::string& path, const FileShape& shape) {
  return checked(FileDescriptor(::open(path.c_str(), kFlags)), path, shape, true);
}

}  // namespace eddy::host
