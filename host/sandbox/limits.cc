// SPDX-License-Identifier: Apache-2.0
#include "sandbox/limits.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

#include "base/sanitizers.h"

namespace eddy::host {
namespace {

Result<void> limit(__rlimit_resource_t resource, const char* name, std::uint64_t most, std::uint64_t grace = 0) {
  const rlimit value{.rlim_cur = most, .rlim_max = most + grace};
  if (setrlimit(resource, &value) == 0) return {};
  return Error{Code::kUnavailable, std::string("sandbox: cannot limit ") + name + ": " + std::strerror(errno)};
}

std::uint64_t address_space() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t pages = 0;
  file >> pages;
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

Result<void> set_limits(const Limits& limits) {
  if (limits.memory_bytes != 0 && !kAddressSanitizer && !kThreadSanitizer) {
    EDDY_TRY(limit(RLIMIT_AS, "memory", address_space() + limits.memory_bytes));
  }
  if (limits.cpu_seconds != 0)
    EDDY_TRY(limit(RLIMIT_CPU, "processor time", limits.cpu_seconds, 1));  // SIGXCPU, then SIGKILL
  if (limits.open_files != 0) EDDY_TRY(limit(RLIMIT_NOFILE, "open files", limits.open_files));
  return {};
}

}  // namespace eddy::host
