// SPDX-License-Identifier: Apache-2.0
#include "function/process/child_main.h"

#include "function/call.h"
#include "function/process/worker_main.h"
#include "plugin/probe.h"

namespace eddy::host {

int child_main(ChildRole role, const std::string& payload, std::span<const int> fds) {
  switch (role) {
    case ChildRole::kWorker:
      return worker_main(fds);
    case ChildRole::kProbe:
      return probe_child(payload, fds, host_table());
  }
  return 64;
}

}  // namespace eddy::host
