// SPDX-License-Identifier: Apache-2.0
#include "sandbox/clone_sibling.h"

#include <dlfcn.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdint>

namespace eddy::host {
namespace {

// Where the C library keeps this thread's number: it tells debuggers the size in bits, the count and the offset of that
// field. Null when it does not, or when it is not there: then pthread_kill() and the like would miss this one thread.
pid_t* tid_of_this_thread() {
  const auto* const field = static_cast<const std::uint32_t*>(dlsym(RTLD_DEFAULT, "_thread_db_pthread_tid"));
  if (field == nullptr || field[0] != 8 * sizeof(pid_t)) return nullptr;
  auto* const tid = reinterpret_cast<pid_t*>(static_cast<std::uintptr_t>(pthread_self()) + field[2]);
  return *tid == gettid() ? tid : nullptr;
}

}  // namespace

pid_t clone_sibling(int* pidfd) {
  pid_t* const tid = tid_of_this_thread();
  void* robust_locks = nullptr;
  std::size_t size = 0;
  syscall(SYS_get_robust_list, 0, &robust_locks, &size);
  const unsigned long flags =
      CLONE_PARENT | CLONE_PIDFD | (tid != nullptr ? CLONE_CHILD_SETTID : 0) | static_cast<unsigned long>(SIGCHLD);
  const auto child = static_cast<pid_t>(syscall(SYS_clone, flags, nullptr, pidfd, tid, nullptr));
  // The kernel keeps the list for threads, not for children.
  if (child == 0) syscall(SYS_set_robust_list, robust_locks, size);
  return child;
}

}  // namespace eddy::host
