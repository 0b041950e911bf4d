// SPDX-License-Identifier: Apache-2.0
// Signals of the process belong to the main thread.
#pragma once

#include <pthread.h>
#include <signal.h>

namespace eddy::host {

// For a thread of ours, at its start. Those signals that a thread raises itself stay open, or they kill without a
// handler.
inline void block_process_signals() {
  sigset_t set;
  sigfillset(&set);
  for (const int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) sigdelset(&set, own);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace eddy::host
