// SPDX-License-Identifier: Apache-2.0
// One thread that ages the calls of all guarded threads, so that the record path reads no clock.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/result.h"
#include "guard/slot.h"

namespace eddy::host {

// Starts the thread, and again in a forked child. Called by install_guard().
Result<void> start_watchdog();

// Between these two the watchdog looks at the slot and may signal its thread.
void watch(GuardSlot& slot);
void unwatch(GuardSlot& slot);

// True while the watchdog sleeps without an end: who arms a deadline then has to wake it. Read after the call's
// generation has been stored; no fence is needed, see watchdog.cc.
extern std::atomic<std::uint32_t> watchdog_asleep;
void wake_watchdog();

// Runs `action` on the watchdog thread at that time, whatever the other threads are doing. One at a time, the latest
// counts. Async-signal-safe.
void run_at(std::chrono::steady_clock::time_point time, void (*action)());

// How long past its deadline a call may stay outside the image, at the least, before it is jumped out of there. Two
// seconds; tests shorten it.
void set_forced_jump_grace(std::chrono::milliseconds grace);

}  // namespace eddy::host
