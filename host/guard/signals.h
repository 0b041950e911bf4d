// SPDX-License-Identifier: Apache-2.0
// The process's signal handlers: faults inside guarded calls are left, all others go where they went before.
#pragma once

#include <csignal>

#include "base/result.h"

namespace eddy::host {

// Sent by the watchdog to a thread whose call is late. A standard signal, so that it does not queue; ignored by
// default, so that a stray one harms nobody.
inline constexpr int kLateSignal = SIGURG;

Result<void> install_signals();

// Puts our handlers back where somebody replaced them. About half a microsecond when nobody did.
void reassert_signals();

// The signals that must not be blocked on a guarded thread.
sigset_t guarded_signals();

}  // namespace eddy::host
