// SPDX-License-Identifier: Apache-2.0
#include "sandbox/child_setup.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

#include "base/file_descriptor.h"

namespace eddy::host {
namespace {

bool closed(int lifeline) {
  pollfd wanted{.fd = lifeline, .events = 0, .revents = 0};
  return poll(&wanted, 1, 0) != 0;
}

void die_with(int lifeline) {
  fcntl(lifeline, F_SETOWN, getpid());
  fcntl(lifeline, F_SETSIG, SIGKILL);
  fcntl(lifeline, F_SETFL, O_ASYNC | O_NONBLOCK);
  if (closed(lifeline)) end_process(0);
}

void be_first_when_memory_is_short() {
  const FileDescriptor file(open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  [[maybe_unused]] const ssize_t written = write(file.get(), "500", 3);
}

}  // namespace

void end_process(int code) {
  syscall(SYS_exit_group, code);
  __builtin_unreachable();
}

void set_up_child(pid_t parent, int lifeline, const std::string& name) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) end_process(0);
  die_with(lifeline);
  umask(077);
  constexpr rlimit kNone{.rlim_cur = 0, .rlim_max = 0};
  setrlimit(RLIMIT_CORE, &kNone);
  be_first_when_memory_is_short();
  prctl(PR_SET_NAME, ("eddy:" + name).c_str());
}

}  // namespace eddy::host
