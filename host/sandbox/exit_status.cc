// SPDX-License-Identifier: Apache-2.0
#include "sandbox/exit_status.h"

#include <csignal>
#include <cstring>

namespace eddy::host {

std::string describe(const ExitStatus& status) {
  if (!status.known) return "ended in an unknown way";
  if (status.signal == 0) return "exited with status " + std::to_string(status.code);
  if (status.signal == SIGSYS) return "was stopped by the sandbox (SIGSYS)";
  if (status.signal == SIGXCPU) return "has used up its processor time (SIGXCPU)";
  const char* name = sigabbrev_np(status.signal);
  return "was killed by signal " + (name != nullptr ? "SIG" + std::string(name) : std::to_string(status.signal));
}

}  // namespace eddy::host
