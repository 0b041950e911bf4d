// SPDX-License-Identifier: Apache-2.0
// What the configuration allows a function in a worker process.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace eddy::host {

struct SandboxSettings {
  std::uint32_t memory_mib = 1024;  // beyond what its process begins with; 0: no limit
  std::uint32_t cpu_seconds = 0;    // of one process; 0: no limit
  std::uint32_t open_files = 64;
  bool network = false;
  std::vector<std::string> read, write;  // files and folders
  bool operator==(const SandboxSettings&) const = default;
};

}  // namespace eddy::host
