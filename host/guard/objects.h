// SPDX-License-Identifier: Apache-2.0
// Whose code an address is, and whether a fault there leaves the process in order. For signal handlers.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "guard/slot.h"

namespace eddy::host {

// Looks up the C library, the C++ library, the loader and the leaf functions. Once, before any handler runs.
void resolve_objects();

// A fault of this thread at these registers left nothing behind outside the plugin: no lock held, no list half-linked.
// `fetch`: the fault was the instruction fetch itself, a call to nowhere. Async-signal-safe.
bool leaves_process_clean(const GuardSlot& slot, const Registers& registers, bool fetch);

// The same for a call to abort, exit and their like, by the address the call came from.
bool caller_is_clean(const GuardSlot& slot, std::uintptr_t caller);

}  // namespace eddy::host
