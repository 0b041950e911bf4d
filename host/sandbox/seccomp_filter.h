// SPDX-License-Identifier: Apache-2.0
// Which system calls a sandboxed child may make; all others fail with EPERM.
#pragma once

#include "base/result.h"

namespace eddy::host {

struct SyscallProfile {
  bool files = false;    // opening and changing files: which ones is Landlock's business
  bool network = false;  // sockets
};

// Compiles the filters of all profiles (0.4 ms each), for the children of this process. Without it each child does.
void prepare_seccomp_filters();

// For all threads of this process and for good. Needs no_new_privs.
Result<void> install_seccomp_filter(const SyscallProfile& profile);

}  // namespace eddy::host
