// SPDX-License-Identifier: Apache-2.0
// wrk with records.lua, and what it measured.
#pragma once

#include <cstdint>
#include <string>

namespace eddy::bench {

struct Load {
  std::string url;
  int batch = 1;         // records in a request
  bool lines = false;    // as lines; else as an array
  int invalid = 0;       // so many of a hundred records do not fit the model
  int connections = 32;  // each sends its next request when it has its answer
  int seconds = 3;
};

struct Measured {
  std::uint64_t requests = 0;
  double seconds = 0;
  double p50_ms = 0, p99_ms = 0;
  std::uint64_t refused = 0;  // answers of 400 and above
};

// Ends the program when wrk is missing, or when one of its sockets failed.
Measured run_wrk(const Load& load);

}  // namespace eddy::bench
