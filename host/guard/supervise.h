// SPDX-License-Identifier: Apache-2.0
// Keeps a host running: starts it again when it dies.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"

namespace eddy::host {

struct SuperviseOptions {
  std::chrono::milliseconds first_delay{100};  // before the first restart; doubles with each that follows
  std::chrono::milliseconds longest_delay{30'000};
  std::chrono::milliseconds healthy_after{60'000};  // a child that lived this long begins anew with first_delay
};

// Runs this program with `arguments` (the first is the name it goes by) as a child, again and again, and gives the exit
// code to end with. Call it on the main thread, before any other thread is started.
//  - The child is started again when it dies by a signal or exits, but not after exit 0 (done), 64 (usage), 65 (bad
//    data) or 78 (configuration): another try would end the same way. kRestartExit (restart.h) asks for it.
//  - SIGTERM, SIGINT and SIGHUP are passed on; after one of the first two the child is not started again.
//  - The child is killed when the supervisor dies.
//  - Every death is one line in the log, naming the signal.
Result<int> supervise(const std::vector<std::string>& arguments, const SuperviseOptions& options = {});

}  // namespace eddy::host
