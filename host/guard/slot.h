// SPDX-License-Identifier: Apache-2.0
// What the guard keeps for one thread: seen by the thread, by its signal handlers and by the watchdog.
#pragma once

#include <atomic>
#include <csetjmp>
#include <csignal>
#include <cstdint>

#include "guard/alternate_stack.h"
#include "guard/backtrace.h"
#include "guard/guard.h"

namespace eddy::host {

// The exception state of a thread as the C++ ABI lays it out (__cxa_eh_globals).
struct ExceptionGlobals {
  void* caught;
  unsigned int uncaught;
};

// The groups of members are on cache lines of their own, so that the watchdog's look costs the worker little.
struct GuardSlot {
  // Written by the worker, read by the watchdog. The generation is odd inside a call and never repeats.
  alignas(64) std::atomic<std::uint64_t> generation{2};
  std::atomic<std::uint32_t> timeout_ms{0};
  std::atomic<std::uint32_t> host_depth{0};  // HostScopes alive

  // Written by the watchdog, read by the worker and its handlers: a generation that is past its deadline, and one that
  // is so late that it may be jumped out of anywhere.
  alignas(64) std::atomic<std::uint64_t> late{0};
  std::atomic<std::uint64_t> forced{0};

  // The watchdog's own: since when it has seen the current generation. Guarded by the registry's lock.
  std::uint64_t seen_generation = 0;
  std::int64_t seen_since_ns = 0;
  GuardSlot* next = nullptr;

  // The worker's own.
  alignas(64) CodeRange image;
  std::uintptr_t call_frame = 0;  // frames above it are the host's
  ExceptionGlobals* exceptions = nullptr;
  ExceptionGlobals exceptions_before{};
  std::uint32_t calls = 0;
  std::atomic<bool> leaving{false};  // a handler is at work: a second fault now is fatal
  Verdict verdict = Verdict::kReturned;
  std::uint64_t sighted_generation = 0;  // the late handler's: how often it found this call outside its image
  std::uint32_t sightings = 0;
  pid_t process = 0;
  pid_t thread = 0;
  StackLimits stack;
  sigset_t mask{};
  sigjmp_buf jump{};
  Fault fault;
  AlternateStack alternate_stack;

  bool in_call() const { return (generation.load(std::memory_order_relaxed) & 1U) != 0; }
  bool in_host() const { return host_depth.load(std::memory_order_relaxed) != 0; }
  StackLimits call_stack() const { return {stack.low, call_frame != 0 ? call_frame : stack.high}; }
};

// The slot of this thread, if it is inside a guarded call of this process; else null. Async-signal-safe.
GuardSlot* active_slot();

// Empties `fault` but for its large texts, which are only cut short. Async-signal-safe.
void reset(Fault& fault);

// Ends the call with what slot.fault says; comes out of ThreadGuard::call(). Async-signal-safe.
[[noreturn]] void leave_call(GuardSlot& slot, Verdict verdict);

// Raises process_tainted(). Async-signal-safe.
void taint_process();

}  // namespace eddy::host
