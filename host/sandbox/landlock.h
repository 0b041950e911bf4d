// SPDX-License-Identifier: Apache-2.0
// Landlock: which files this process may open. By raw system calls, as the C library of Debian 12 has none for it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace eddy::host {

// The kernel's version of it; 0: it has none, or it is switched off.
int landlock_version();

// From now on this thread, and threads that it starts, open nothing but what is beneath these paths; what is open stays
// open. Needs no_new_privs. kConfig: a path that is not there.
Result<void> restrict_files(const std::vector<std::string>& read_paths, const std::vector<std::string>& write_paths);

}  // namespace eddy::host
