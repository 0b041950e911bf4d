// SPDX-License-Identifier: Apache-2.0
// Makes a fork visible: code that forks where it must not is stopped there.
#pragma once

#include "base/result.h"

namespace eddy::host {

// From now on fork() ends this process by SIGSYS. Threads, and programs started by posix_spawn(), are none of its
// business. For good, and for all threads.
Result<void> set_fork_trap();

}  // namespace eddy::host
