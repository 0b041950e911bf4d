// SPDX-License-Identifier: Apache-2.0
#include "sandbox/confine.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "sandbox/landlock.h"
#include "sandbox/limits.h"
#include "sandbox/seccomp_filter.h"

namespace eddy::host {
namespace {

// Without these a host name cannot be looked up, nor a certificate checked.
constexpr const char* kNetworkFiles[] = {"/etc/resolv.conf", "/etc/hosts",    "/etc/nsswitch.conf",
                                         "/etc/gai.conf",    "/etc/services", "/etc/ssl/certs"};

// The strings too: they lie at the bottom of the stack for whoever reads there, and may hold secrets.
void forget_environment() {
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    explicit_bzero(*entry, std::strlen(*entry));
  }
  clearenv();
}

std::vector<std::string> readable(const Confinement& confinement) {
  std::vector<std::string> paths = confinement.read_paths;
  for (const char* path : kNetworkFiles) {
    std::error_code failed;
    if (confinement.network && std::filesystem::exists(path, failed)) paths.emplace_back(path);
  }
  return paths;
}

}  // namespace

Result<void> confine(const Confinement& confinement) {
  EDDY_TRY(set_limits({.memory_bytes = confinement.memory_bytes,
                       .cpu_seconds = confinement.cpu_seconds,
                       .open_files = confinement.open_files}));
  if (!confinement.sandboxed) return {};
  forget_environment();
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return Error{Code::kUnavailable, std::string("sandbox: cannot give up privileges: ") + std::strerror(errno)};
  }
  SyscallProfile profile{.network = confinement.network};
  if (landlock_version() > 0) {
    const std::vector<std::string> read_paths = readable(confinement);
    EDDY_TRY(restrict_files(read_paths, confinement.write_paths));
    profile.files = !read_paths.empty() || !confinement.write_paths.empty();
  }
  return install_seccomp_filter(profile);
}

}  // namespace eddy::host
