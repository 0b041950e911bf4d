// SPDX-License-Identifier: Apache-2.0
// What a child process is made for, and the function that it then runs.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace eddy::host {

enum class ChildRole : std::uint8_t {
  kProbe,   // tries a plugin file that the host has not loaded yet
  kWorker,  // calls a function for the host
};

// Runs in the child; the process exits with what it returns. `fds`: those of the SpawnRequest, open here under other
// numbers. Standard input is /dev/null, standard output goes to the host's standard error.
using ChildMain = int (*)(ChildRole role, const std::string& payload, std::span<const int> fds);

}  // namespace eddy::host
