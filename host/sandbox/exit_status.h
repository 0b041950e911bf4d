// SPDX-License-Identifier: Apache-2.0
// How a process ended.
#pragma once

#include <chrono>
#include <string>

namespace eddy::host {

struct ExitStatus {
  int code = 0;                     // of exit(), when there was no signal
  int signal = 0;                   // 0: it exited by itself
  bool known = true;                // false: somebody else has collected it
  std::chrono::microseconds cpu{};  // processor time that it took, with what it had started and collected

  bool clean() const { return known && code == 0 && signal == 0; }
};

// "was killed by signal SIGKILL", "exited with status 3", "was stopped by the sandbox (SIGSYS)".
std::string describe(const ExitStatus& status);

}  // namespace eddy::host
