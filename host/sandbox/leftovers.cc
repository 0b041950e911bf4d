// SPDX-License-Identifier: Apache-2.0
#include "sandbox/leftovers.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <string>

namespace eddy::host {
namespace {

bool is_ours(pid_t child) {
  std::ifstream file("/proc/" + std::to_string(child) + "/comm");
  std::string name;
  return std::getline(file, name) && name.starts_with("eddy:");
}

}  // namespace

void collect_leftovers() {
  // After execution the process has one thread, and that has all the children.
  std::ifstream file("/proc/self/task/" + std::to_string(getpid()) + "/children");
  pid_t child = 0;
  while (file >> child) {
    if (!is_ours(child)) continue;
    ::kill(child, SIGKILL);
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) continue;
  }
}

}  // namespace eddy::host
