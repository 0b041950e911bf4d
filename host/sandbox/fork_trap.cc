// SPDX-License-Identifier: Apache-2.0
#include "sandbox/fork_trap.h"

#include <linux/sched.h>
#include <seccomp.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

namespace eddy::host {

Result<void> set_fork_trap() {
  const std::unique_ptr<void, decltype(&seccomp_release)> filter(seccomp_init(SCMP_ACT_ALLOW), &seccomp_release);
  int failed = filter == nullptr ? -ENOMEM : 0;
  const auto keep = [&failed](int result) { failed = failed == 0 ? result : failed; };
  if (filter != nullptr) {
    const scmp_arg_cmp copies_memory{.arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = CLONE_VM, .datum_b = 0};
    keep(seccomp_rule_add(filter.get(), SCMP_ACT_KILL_PROCESS, SCMP_SYS(fork), 0));
    keep(seccomp_rule_add(filter.get(), SCMP_ACT_KILL_PROCESS, SCMP_SYS(clone), 1, copies_memory));
    keep(seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0));  // clone is used instead
    keep(seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1));
  }
  if (failed == 0) keep(seccomp_load(filter.get()));
  if (failed == 0) return {};
  return Error{Code::kUnavailable, std::string("sandbox: cannot set a trap for fork: ") + std::strerror(-failed)};
}

}  // namespace eddy::host
