// SPDX-License-Identifier: Apache-2.0
#include "sandbox/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "base/file_descriptor.h"
#include "sandbox/system_error.h"

namespace eddy::host {
namespace {

// The structure as kernel 6.12 has it: an older one takes it as long as what it does not know is zero.
struct Ruleset {
  std::uint64_t files;
  std::uint64_t network;
  std::uint64_t scopes;
};

constexpr std::uint64_t kRead = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kRefer = std::uint64_t{1} << 13U;          // since version 2
constexpr std::uint64_t kTruncate = std::uint64_t{1} << 14U;       // 3
constexpr std::uint64_t kDeviceControl = std::uint64_t{1} << 15U;  // 5
constexpr std::uint64_t kAbstractSockets = 1;                      // 6
constexpr std::uint64_t kFirstRights = kRefer - 1;                 // all of version 1

constexpr std::uint64_t kWrite = kRead | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
                                 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                                 LANDLOCK_ACCESS_FS_REMOVE_DIR | kRefer | kTruncate;
constexpr std::uint64_t kOfFiles = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate;

std::uint64_t known_rights(int version) {
  std::uint64_t rights = kFirstRights;
  if (version >= 2) rights |= kRefer;
  if (version >= 3) rights |= kTruncate;
  if (version >= 5) rights |= kDeviceControl;
  return rights;
}

Result<void> allow(int ruleset, const std::string& path, std::uint64_t rights) {
  const FileDescriptor place(open(path.c_str(), O_PATH | O_CLOEXEC));
  struct stat status {};
  if (!place.valid() || fstat(place.get(), &status) != 0) {
    return Error{Code::kConfig, "sandbox: cannot open " + path + ": " + std::strerror(errno)};
  }
  if (!S_ISDIR(status.st_mode)) rights &= kOfFiles;
  landlock_path_beneath_attr rule{};
  rule.allowed_access = rights;
  rule.parent_fd = place.get();
  if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) {
    return cannot("sandbox", "allow " + path);
  }
  return {};
}

}  // namespace

int landlock_version() {
  const long version = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return version < 0 ? 0 : static_cast<int>(version);
}

Result<void> restrict_files(const std::vector<std::string>& read_paths, const std::vector<std::string>& write_paths) {
  const int version = landlock_version();
  const std::uint64_t known = known_rights(version);
  const Ruleset wanted{.files = known, .network = 0, .scopes = version >= 6 ? kAbstractSockets : 0};
  const FileDescriptor ruleset(static_cast<int>(syscall(SYS_landlock_create_ruleset, &wanted, sizeof wanted, 0)));
  if (!ruleset.valid()) return cannot("sandbox", "make a Landlock ruleset");
  for (const std::string& path : read_paths) EDDY_TRY(allow(ruleset.get(), path, kRead & known));
  for (const std::string& path : write_paths) EDDY_TRY(allow(ruleset.get(), path, kWrite & known));
  if (syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0)
    return cannot("sandbox", "restrict files by Landlock");
  return {};
}

}  // namespace eddy::host
