// SPDX-License-Identifier: Apache-2.0
// exit, _exit, _Exit, quick_exit, abort, pthread_exit and a failed assert, defined in this program: inside a guarded
// call they end the call, elsewhere they do what the C library does.
#pragma once

#include "guard/slot.h"

namespace eddy::host {

// Finds the C library's own. Called by install_guard(), which also pulls the definitions into every program that
// guards.
void resolve_exits();

// Ends the call as by SIGABRT raised at `caller`; keeps the texts of slot.fault. Returns only when a handler is already
// leaving it.
void leave_by_abort(GuardSlot& slot, const Registers& caller);

}  // namespace eddy::host
