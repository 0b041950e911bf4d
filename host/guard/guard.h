// SPDX-License-Identifier: Apache-2.0
// The guard around every call into a plugin: exceptions, signals, exits and hangs become a verdict.
//
// What it promises and what one process cannot promise is said in host/guard/README.md.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "guard/code_range.h"

namespace eddy::host {

// How a guarded call ended; the first cause wins.
enum class Verdict : std::uint8_t {
  kReturned,   // by itself
  kException,  // a C++ exception came through the plugin's own barrier
  kSignal,     // SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, stack overflow, failed assert
  kTimeout,    // past its deadline
  kExit,       // exit, _exit, quick_exit, pthread_exit
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
  bool tainted = false;               // outside the plugin's text: this process can no longer be trusted
  int exit_status = 0;                // kExit
  const char* exit_name = "";         // "exit", "_exit", …
  char exception_type[256] = {};      // kException, or what std::terminate was called with; demangled
  char exception_message[1024] = {};  // likewise; after a failed assert its text
};

// Installs the process's signal handlers once, chained to what was there: a fault outside a guarded call goes where it
// went before. Call it early on the main thread. Also starts the watchdog thread. Calling it again does nothing, except
// in a forked child, where the watchdog has to be started anew.
Result<void> install_guard();

// The host stops: cancelled() becomes true in every running and every later call. Thread-safe.
void request_stop();
// Likewise from when this word is not zero, which another process may set; it lives as long as this process.
void watch_stop(const std::atomic<std::uint32_t>& word);

struct GuardSlot;

// One per worker thread, made on that thread: alternate stack with a guard page, recovery slot, deadline word.
class ThreadGuard {
 public:
  static Result<std::unique_ptr<ThreadGuard>> enter();
  // One that is made at first use and lives as long as the thread, for threads that call plugins now and then.
  static Result<ThreadGuard*> of_this_thread();
  ~ThreadGuard();
  ThreadGuard(const ThreadGuard&) = delete;
  ThreadGuard& operator=(const ThreadGuard&) = delete;

  using Function = void (*)(void* argument);

  // Calls function(argument). `image` is the plugin's executable range: a fault inside it is clean, outside it taints.
  // timeout_ms 0: none. Nested calls are not allowed. Frames between here and the fault are not unwound: nothing that
  // owns memory may live in `function` outside the plugin. A call that is late is left as soon as its thread is seen in
  // the image; one that is not seen there for two seconds more, and 1,000 looks (sleep, a lock), is left where it is,
  // which taints.
  Verdict call(Function function, void* argument, const CodeRange& image, std::uint32_t timeout_ms);

  // Of the last call that did not return.
  const Fault& fault() const;

  // This thread's calls are to end, too, from when `flag` is true; it outlives them. [on the guarded thread]
  void stop_with(const std::atomic<bool>& flag) { stop_flag_ = &flag; }

  // True when the deadline of the running call has passed, the host stops, or this thread is to. [on the guarded
  // thread]
  bool cancelled() const;

 private:
  ThreadGuard();
  std::unique_ptr<GuardSlot> slot_;
  const std::atomic<bool>* stop_flag_ = nullptr;  // null: none of its own
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

// From now on a signal that would taint this process ends it: for a worker process, which is replaced sooner than a
// lock that it holds for ever could be found out.
void die_of_taint();

// From now on a fault that taints this process also arms restart_deadline(after): every thread that could be told of it
// may be waiting for a lock that the fault has left held. For a host, whose drain then sets a deadline of its own.
void restart_when_tainted(std::chrono::milliseconds after);

// True once any fault has tainted the process: drain and restart.
bool process_tainted();

}  // namespace eddy::host
