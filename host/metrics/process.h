// SPDX-License-Identifier: Apache-2.0
// What the system says about this process, under the names that Prometheus' own client libraries use.
#pragma once

#include <cstdint>

namespace eddy::host {

struct ProcessFigures {
  double start_time_seconds = 0;  // since 1970; of this run: a restart by execve is a new one
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_fds = 0, max_fds = 0;
};

// Figures that cannot be read are 0. `start_time_seconds` is left to the caller.
ProcessFigures read_process_figures();

}  // namespace eddy::host
