// SPDX-License-Identifier: Apache-2.0
#include "guard/signals.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "guard/objects.h"
#include "guard/slot.h"

namespace eddy::host {
namespace {

constexpr std::array<int, 6> kFaults = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT};

std::array<struct sigaction, 65> previous{};  // written once, before ours are installed
std::atomic<bool> installed{false};
std::atomic<bool> dying{false};  // a default action is about to end the process: leave it alone

bool is_function(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) != 0 || (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN);
}

void call_previous(int signal, siginfo_t* info, void* context) {
  const struct sigaction& action = previous[static_cast<std::size_t>(signal)];
  if ((action.sa_flags & SA_SIGINFO) != 0) {
    action.sa_sigaction(signal, info, context);
  } else {
    action.sa_handler(signal);
  }
}

// The default action, as if we had never been there. A true fault happens again on return, with its own registers, so
// that the core is exact; a signal that was sent is sent again.
void restore_and_repeat(int signal, const struct sigaction& action, const siginfo_t* info) {
  dying.store(true);
  sigaction(signal, &action, nullptr);
  if (info->si_code <= 0) syscall(SYS_tgkill, getpid(), gettid(), signal);
}

void chain(int signal, siginfo_t* info, void* context) {
  const struct sigaction& action = previous[static_cast<std::size_t>(signal)];
  if (is_function(action)) {
    call_previous(signal, info, context);
  } else {
    restore_and_repeat(signal, action, info);
  }
}

// A fault in the handler itself, or while it jumps: nothing can be trusted any more.
void die(int signal, const siginfo_t* info) {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  restore_and_repeat(signal, standard, info);
}

std::atomic<bool> taint_is_death{false};

bool sent_by_another_process(const siginfo_t* info) { return info->si_code <= 0 && info->si_pid != getpid(); }

void on_fault(int signal, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  GuardSlot* slot = active_slot();
  if (slot == nullptr || sent_by_another_process(info)) {
    chain(signal, info, context);
    errno = saved_errno;
    return;
  }
  if (slot->leaving.exchange(true, std::memory_order_relaxed)) {
    die(signal, info);
    return;
  }
  const Registers registers = registers_of(context);
  Fault& fault = slot->fault;
  reset(fault);
  fault.signal = signal;
  fault.code = info->si_code;
  fault.pc = registers.pc;
  if (info->si_code > 0) fault.address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  fault.stack_overflow = (signal == SIGSEGV || signal == SIGBUS) && info->si_code > 0 &&
                         slot->stack.overflown(fault.address, registers.sp);
  const bool fetch = signal == SIGSEGV && info->si_code > 0 && fault.address == registers.pc;
  fault.tainted = !leaves_process_clean(*slot, registers, fetch);
  if (fault.tainted && taint_is_death.load(std::memory_order_relaxed)) {
    die(signal, info);
    return;
  }
  collect_frames(registers, slot->call_stack(), slot->image, fault);
  leave_call(*slot, Verdict::kSignal);
}

// A late call was seen outside its image once more. Time alone does not condemn it: on a busy machine a thread may have
// run for a few moments only since its deadline.
bool may_force(GuardSlot& slot, std::uint64_t generation) {
  constexpr std::uint32_t kSightings = 1000;
  if (slot.sighted_generation != generation) {
    slot.sighted_generation = generation;
    slot.sightings = 0;
  }
  return ++slot.sightings >= kSightings && slot.forced.load(std::memory_order_relaxed) == generation;
}

// The call is late. It is left here only when its thread is in the image: anywhere else it may hold a lock of the
// process. The watchdog asks again at its next tick.
void on_late(int signal, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  GuardSlot* slot = active_slot();
  const std::uint64_t generation = slot != nullptr ? slot->generation.load(std::memory_order_relaxed) : 0;
  if (slot == nullptr || slot->late.load(std::memory_order_relaxed) != generation) {
    if (is_function(previous[static_cast<std::size_t>(signal)])) call_previous(signal, info, context);
    errno = saved_errno;
    return;
  }
  const Registers registers = registers_of(context);
  const bool in_image = slot->image.contains(registers.pc);
  const bool may_leave = !slot->in_host() && (in_image || may_force(*slot, generation));
  if (!may_leave || slot->leaving.exchange(true, std::memory_order_relaxed)) {
    errno = saved_errno;
    return;
  }
  Fault& fault = slot->fault;
  reset(fault);
  fault.pc = registers.pc;
  fault.tainted = !in_image;
  collect_frames(registers, slot->call_stack(), slot->image, fault);
  leave_call(*slot, Verdict::kTimeout);
}

struct sigaction action_for(int signal) {
  struct sigaction action {};
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | (signal == kLateSignal ? SA_RESTART : 0);
  action.sa_sigaction = signal == kLateSignal ? on_late : on_fault;
  // Signals that are still open here may come while a handler runs: never two handlers deep on the small stack. A
  // second true fault is not held back by the mask, it ends the process.
  sigemptyset(&action.sa_mask);
  sigaddset(&action.sa_mask, kLateSignal);
  return action;
}

Result<void> install(int signal) {
  const struct sigaction action = action_for(signal);
  if (sigaction(signal, &action, &previous[static_cast<std::size_t>(signal)]) == 0) return {};
  return Error{Code::kInternal,
               "guard: cannot install the handler of signal " + std::to_string(signal) + ": " + std::strerror(errno)};
}

void reassert(int signal) {
  struct sigaction current {};
  if (sigaction(signal, nullptr, &current) != 0) return;
  const struct sigaction ours = action_for(signal);
  if ((current.sa_flags & SA_SIGINFO) != 0 && current.sa_sigaction == ours.sa_sigaction) return;
  sigaction(signal, &ours, nullptr);
}

}  // namespace

Result<void> install_signals() {
  if (installed.exchange(true)) return {};
  for (const int signal : kFaults) EDDY_TRY(install(signal));
  return install(kLateSignal);
}

void die_of_taint() { taint_is_death.store(true, std::memory_order_relaxed); }

void reassert_signals() {
  if (!installed.load(std::memory_order_relaxed) || dying.load(std::memory_order_relaxed)) return;
  for (const int signal : kFaults) reassert(signal);
  reassert(kLateSignal);
}

sigset_t guarded_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : kFaults) sigaddset(&set, signal);
  sigaddset(&set, kLateSignal);
  return set;
}

}  // namespace eddy::host
