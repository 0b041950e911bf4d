// SPDX-License-Identifier: Apache-2.0
#include "guard/exits.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/sanitizers.h"
#include "guard/objects.h"
#include "guard/slot.h"

#if defined(EDDY_ADDRESS_SANITIZER)
#include <sanitizer/asan_interface.h>
#endif

// The linker puts these into the program's dynamic symbol table because the C library defines and others use them: a
// plugin's call binds here without -rdynamic.
#define EDDY_INTERPOSED extern "C" __attribute__((noreturn, visibility("default"), noinline))

namespace eddy::host {
namespace {

using ExitFunction = void (*)(int);

struct Real {
  ExitFunction exit = nullptr;
  ExitFunction quick_exit = nullptr;
  ExitFunction quiet_exit = nullptr;  // _exit
  void (*abort)() = nullptr;
  void (*pthread_exit)(void*) = nullptr;
  void (*assert_fail)(const char*, const char*, unsigned, const char*) = nullptr;
};

Real real;

template <typename F>
F next(F& known, const char* name) {
  if (known == nullptr) known = reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
  return known;
}

// False when the thread is already leaving: then the process has to die.
bool begin_leaving(GuardSlot& slot, const Registers& caller) {
  if (slot.leaving.exchange(true, std::memory_order_relaxed)) return false;
  slot.fault.pc = caller.pc;
  slot.fault.tainted = !caller_is_clean(slot, caller.pc);
  collect_frames(caller, slot.call_stack(), slot.image, slot.fault);
  return true;
}

void leave_by_exit(const char* name, int status, const Registers& caller) {
  GuardSlot* slot = active_slot();
  if (slot == nullptr) return;
  reset(slot->fault);
  if (!begin_leaving(*slot, caller)) return;
  slot->fault.exit_name = name;
  slot->fault.exit_status = status;
  leave_call(*slot, Verdict::kExit);
}

[[noreturn]] void exit_by_kernel(int status) {
  for (;;) syscall(SYS_exit_group, status);
}

[[noreturn]] void real_quiet_exit(int status) {
  // The sanitizers' own _exit checks for leaks; before it is known, the kernel's does.
  if (real.quiet_exit != nullptr) real.quiet_exit(status);
  exit_by_kernel(status);
}

[[noreturn]] void abort_by_kernel() {
  for (;;) {
    std::signal(SIGABRT, SIG_DFL);
    syscall(SYS_tgkill, getpid(), gettid(), SIGABRT);
    exit_by_kernel(127);
  }
}

}  // namespace

void leave_by_abort(GuardSlot& slot, const Registers& caller) {
  if (!begin_leaving(slot, caller)) return;
  slot.fault.signal = SIGABRT;
  slot.fault.code = SI_TKILL;
  leave_call(slot, Verdict::kSignal);
}

void resolve_exits() {
  next(real.exit, "exit");
  next(real.quick_exit, "quick_exit");
  next(real.quiet_exit, "_exit");
  next(real.abort, "abort");
  next(real.pthread_exit, "pthread_exit");
  next(real.assert_fail, "__assert_fail");
}

}  // namespace eddy::host

using namespace eddy::host;

EDDY_INTERPOSED void exit(int status) noexcept {
  leave_by_exit("exit", status, EDDY_CALLER_REGISTERS);
  if (next(real.exit, "exit") != nullptr) real.exit(status);
  exit_by_kernel(status);
}

EDDY_INTERPOSED void quick_exit(int status) noexcept {
  leave_by_exit("quick_exit", status, EDDY_CALLER_REGISTERS);
  if (next(real.quick_exit, "quick_exit") != nullptr) real.quick_exit(status);
  exit_by_kernel(status);
}

EDDY_INTERPOSED void _exit(int status) {
  leave_by_exit("_exit", status, EDDY_CALLER_REGISTERS);
  real_quiet_exit(status);
}

EDDY_INTERPOSED void _Exit(int status) noexcept {
  leave_by_exit("_Exit", status, EDDY_CALLER_REGISTERS);
  real_quiet_exit(status);
}

EDDY_INTERPOSED void abort() noexcept {
  if (GuardSlot* slot = active_slot()) {
    reset(slot->fault);
    leave_by_abort(*slot, EDDY_CALLER_REGISTERS);
  }
  if (next(real.abort, "abort") != nullptr) real.abort();
  abort_by_kernel();
}

// Not noexcept: the C library unwinds the thread from here.
EDDY_INTERPOSED void pthread_exit(void* value) {
  leave_by_exit("pthread_exit", 0, EDDY_CALLER_REGISTERS);
#if defined(EDDY_ADDRESS_SANITIZER)
  __asan_handle_no_return();  // the frames that are unwound now leave their marks on the stack
#endif
  if (next(real.pthread_exit, "pthread_exit") != nullptr) real.pthread_exit(value);
  exit_by_kernel(127);
}

EDDY_INTERPOSED void __assert_fail(const char* assertion, const char* file, unsigned int line,
                                   const char* function) noexcept {
  if (GuardSlot* slot = active_slot()) {
    reset(slot->fault);
    std::snprintf(slot->fault.exception_message, sizeof slot->fault.exception_message,
                  "%s:%u: %s: Assertion `%s' failed", file, line, function != nullptr ? function : "?", assertion);
    leave_by_abort(*slot, EDDY_CALLER_REGISTERS);
  }
  if (next(real.assert_fail, "__assert_fail") != nullptr) real.assert_fail(assertion, file, line, function);
  abort_by_kernel();
}
