// SPDX-License-Identifier: Apache-2.0
#include "guard/restart.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "guard/watchdog.h"

namespace eddy::host {
namespace {

constexpr const char* kSelf = "/proc/self/exe";

// Made once and never destroyed: restart_self() runs while the process may already be in its destructors.
struct CommandLine {
  std::string text;
  std::vector<char*> arguments;  // ends with a null pointer
  std::string program;
};

CommandLine* command_line = nullptr;

bool same_file(const char* a, const char* b) {
  struct stat first {};
  struct stat second {};
  return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

// Handlers do not survive execution, but ignored signals and the mask do.
void reset_signals() {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) sigaction(signal, &standard, nullptr);
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace

void remember_arguments() {
  if (command_line != nullptr) return;
  auto* line = new CommandLine();
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  line->text.assign(std::istreambuf_iterator<char>(file), {});
  for (std::size_t at = 0; at < line->text.size(); at = line->text.find('\0', at) + 1) {
    line->arguments.push_back(line->text.data() + at);
    if (line->text.find('\0', at) == std::string::npos) break;
  }
  line->arguments.push_back(nullptr);
  char path[PATH_MAX];
  const ssize_t length = readlink(kSelf, path, sizeof path);
  if (length > 0) line->program.assign(path, static_cast<std::size_t>(length));
  command_line = line;
}

void restart_self() {
  if (command_line == nullptr) remember_arguments();
  // All at the moment of execution: other threads use theirs until then.
  syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
  reset_signals();
  // By its own name where that is still the same file, so that the process keeps its name in ps.
  const char* program = command_line->program.c_str();
  if (same_file(program, kSelf)) execv(program, command_line->arguments.data());
  execv(kSelf, command_line->arguments.data());
  constexpr char kText[] = "eddy: cannot execute myself again; exiting to be restarted\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kText, sizeof kText - 1);
  _exit(kRestartExit);
}

void restart_deadline(std::chrono::milliseconds after) {
  run_at(std::chrono::steady_clock::now() + after, [] { restart_self(); });
}

}  // namespace eddy::host
