// SPDX-License-Identifier: Apache-2.0
// The guard around every call into a plugin: exceptions, signals, exits and hangs become a verdict.
//
// What it promises and what one process cannot promise is said in host/guard/README.md.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace eddy::host {

// How a guarded call ended; the first cause wins.
enum class Verdict : std::uint8_t {
  kReturned,   // by itself
  kException,  // a C++ exception came through the plugin's own barrier
  kSignal,     // SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, stack overflow
  kTimeout,    // past its deadline
  kExit,       // exit, _exit, quick_exit, pthread_exit
};

// An executable range of a loaded image.
struct CodeRange {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
};

// What the handler saw; filled without allocation, to be symbolised later (symbolise.h).
struct Fault {
  int signal = 0;              // 0 for kExit
  int code = 0;                // si_code
  std::uintptr_t address = 0;  // si_addr
  std::uintptr_t pc = 0;
  std::uint32_t frame_count = 0;
  std::array<std::uintptr_t, 24> frames{};  // innermost first, return addresses
  bool stack_overflow = false;
  bool tainted = false;           // outside the plugin's text: this process can no longer be trusted
  int exit_status = 0;            // kExit
  const char* exit_name = "";     // "exit", "_exit", …
  char exception_type[256] = {};  // kException
  char exception_message[1024] = {};
};

// Installs the process's signal handlers once, chained to what was there: a fault outside a guarded call goes where it
// went before. Call it early on the main thread. Also starts the watchdog thread.
Result<void> install_guard();

// One per worker thread, made on that thread: alternate stack with a guard page, recovery slot, deadline word.
class ThreadGuard {
 public:
  static Result<std::unique_ptr<ThreadGuard>> enter();
  ~ThreadGuard();
  ThreadGuard(const ThreadGuard&) = delete;
  ThreadGuard& operator=(const ThreadGuard&) = delete;

  using Function = void (*)(void* argument);

  // Calls function(argument). `image` is the plugin's executable range: a fault inside it is clean, outside it taints.
  // timeout_ms 0: none. Nested calls are not allowed. Frames between here and the fault are not unwound: nothing that
  // owns memory may live in `function` outside the plugin.
  Verdict call(Function function, void* argument, const CodeRange& image, std::uint32_t timeout_ms);

  // Of the last call that did not return.
  const Fault& fault() const;

  // True when the deadline of the running call has passed, or the host stops. [on the guarded thread]
  bool cancelled() const;

 private:
  ThreadGuard();
  struct Slot;
  std::unique_ptr<Slot> slot_;
};

// In host callbacks: while one lives, a fault is the plugin's (a bad pointer it handed us) and clean, and a deadline
// waits. The code inside must hold no lock and leave nothing half-done that the callback's owner does not reset.
class HostScope {
 public:
  HostScope();
  ~HostScope();
  HostScope(const HostScope&) = delete;
  HostScope& operator=(const HostScope&) = delete;
};

// True once any fault has tainted the process: drain and restart.
bool process_tainted();

}  // namespace eddy::host
