// SPDX-License-Identifier: Apache-2.0
// The process starts itself anew: after a fault that tainted it, once it has drained.
#pragma once

#include <chrono>

namespace eddy::host {

// The exit code by which a supervised host asks to be started again.
inline constexpr int kRestartExit = 75;

// Keeps the command line for restart_self(), which must not allocate. install_guard() calls it.
void remember_arguments();

// Executes this program again with its original arguments and the present environment, in the same process id: file
// descriptors but 0, 1 and 2 are closed, signals unblocked and back to their default actions. Allocates nothing and
// takes no lock, as the heap may be the very thing that is broken. Thread-safe.
[[noreturn]] void restart_self();

// restart_self() after this time, from the watchdog thread, whatever hangs: a tainted process may never finish
// draining. Needs install_guard(). A later call replaces the earlier one. Async-signal-safe.
void restart_deadline(std::chrono::milliseconds after);

}  // namespace eddy::host
