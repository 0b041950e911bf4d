// SPDX-License-Identifier: Apache-2.0
// What a child may do, put in force by the child itself.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace eddy::host {

struct Confinement {
  // Landlock, seccomp, an empty environment. False: only contained, as a process of its own that dies with the host.
  bool sandboxed = true;
  // In force either way; 0: none.
  std::uint64_t memory_bytes = 0;  // above what it has when it is confined
  std::uint32_t cpu_seconds = 0;   // of its whole life
  std::uint32_t open_files = 64;
  // Of a sandboxed child.
  bool network = false;
  std::vector<std::string> read_paths{}, write_paths{};  // files, or folders with all beneath
};

// In the child, on its main thread, when its own set-up is done; for good. Everything that needs a file must be over:
// dlopen, /proc/self/maps (ThreadGuard::of_this_thread()), ChildChannel::open(). README.md lists what is left.
//
// On a kernel without Landlock a sandboxed child opens no files at all, whatever the paths say; the host's log tells so
// at start. An error: the child is not confined, and must end.
Result<void> confine(const Confinement& confinement);

}  // namespace eddy::host
