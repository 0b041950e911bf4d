// SPDX-License-Identifier: Apache-2.0
#include <cxxabi.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "guard/exception_text.h"
#include "guard/exits.h"
#include "guard/guard.h"
#include "guard/objects.h"
#include "guard/restart.h"
#include "guard/signals.h"
#include "guard/slot.h"
#include "guard/terminate.h"
#include "guard/watchdog.h"

namespace eddy::host {
namespace {

// Handlers read it: no call into the loader may hide behind it.
__attribute__((tls_model("initial-exec"))) thread_local constinit GuardSlot* this_slot = nullptr;

std::atomic<bool> tainted{false};
std::atomic<std::int64_t> restart_after_ms{-1};  // negative: a taint restarts nothing
std::atomic<bool> stopping{false};
constinit std::atomic<std::uint32_t> never_stops{0};
constinit std::atomic<const std::atomic<std::uint32_t>*> stop_word{&never_stops};
static_assert(std::atomic<bool>::is_always_lock_free);

constexpr std::uint32_t kCallsPerReassert = 4096;  // amortised to a fraction of a nanosecond

// A plugin may have replaced a handler or blocked a signal in an earlier call.
__attribute__((noinline, cold)) void reassert(const GuardSlot& slot) {
  reassert_signals();
  pthread_sigmask(SIG_SETMASK, &slot.mask, nullptr);
}

__attribute__((noinline, cold)) void refuse_nested_call(GuardSlot& slot) {
  slot.generation.fetch_add(1);  // out of the outer call: this abort is ours, not the plugin's
  std::fputs("eddy: a guarded call inside a guarded call: this is a bug of the host\n", stderr);
  std::abort();
}

Verdict note_exception(GuardSlot& slot) {
  reset(slot.fault);
  note_current_exception(slot.fault);
  return Verdict::kException;
}

void disarm(GuardSlot& slot, std::uint64_t generation) {
  slot.generation.store(generation + 1, std::memory_order_release);
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

// After a jump: what returning by itself would have put in order.
__attribute__((noinline)) Verdict after_jump(GuardSlot& slot) {
  disarm(slot, slot.generation.load(std::memory_order_relaxed));
  *slot.exceptions = slot.exceptions_before;
  slot.host_depth.store(0, std::memory_order_relaxed);
  slot.leaving.store(false, std::memory_order_relaxed);
  __builtin_ia32_ldmxcsr(0x1f80);  // a plugin may have changed rounding or unmasked floating point faults
  asm volatile("fninit");
  pthread_sigmask(SIG_SETMASK, &slot.mask, nullptr);
  return slot.verdict;
}

}  // namespace

GuardSlot* active_slot() {
  GuardSlot* slot = this_slot;
  // A child that a plugin forked has the slot, but it is not ours to recover.
  return slot != nullptr && slot->in_call() && slot->process == getpid() ? slot : nullptr;
}

void reset(Fault& fault) {
  fault.signal = 0;
  fault.code = 0;
  fault.address = 0;
  fault.pc = 0;
  fault.frame_count = 0;
  fault.stack_overflow = false;
  fault.tainted = false;
  fault.exit_status = 0;
  fault.exit_name = "";
  fault.exception_type[0] = '\0';
  fault.exception_message[0] = '\0';
}

void leave_call(GuardSlot& slot, Verdict verdict) {
  slot.verdict = verdict;
  if (slot.fault.tainted) taint_process();
  siglongjmp(slot.jump, 1);
}

void taint_process() {
  if (tainted.exchange(true)) return;
  const std::chrono::milliseconds after(restart_after_ms.load());
  if (after.count() >= 0) restart_deadline(after);
}
void restart_when_tainted(std::chrono::milliseconds after) { restart_after_ms.store(after.count()); }
bool process_tainted() { return tainted.load(std::memory_order_relaxed); }
void request_stop() { stopping.store(true, std::memory_order_relaxed); }
void watch_stop(const std::atomic<std::uint32_t>& word) { stop_word.store(&word, std::memory_order_relaxed); }

Result<void> install_guard() {
  static std::mutex lock;
  static bool resolved = false;
  const std::lock_guard hold(lock);
  if (!resolved) {
    resolve_exits();
    resolve_objects();
    remember_arguments();
    install_terminate();
    resolved = true;
  }
  EDDY_TRY(install_signals());
  return start_watchdog();
}

ThreadGuard::ThreadGuard() : slot_(std::make_unique<GuardSlot>()) {}

Result<ThreadGuard*> ThreadGuard::of_this_thread() {
  thread_local std::unique_ptr<ThreadGuard> guard;
  if (!guard) {
    EDDY_ASSIGN(guard, enter());
  }
  return guard.get();
}

Result<std::unique_ptr<ThreadGuard>> ThreadGuard::enter() {
  EDDY_TRY(install_guard());
  if (this_slot != nullptr && this_slot->process == getpid()) {
    return Error{Code::kInternal, "guard: this thread already has a ThreadGuard; destroy that one first"};
  }
  std::unique_ptr<ThreadGuard> guard(new ThreadGuard());
  GuardSlot& slot = *guard->slot_;
  slot.process = getpid();
  slot.thread = gettid();
  EDDY_ASSIGN(slot.stack, StackLimits::of_this_thread());
  EDDY_TRY(slot.alternate_stack.install());
  slot.exceptions = reinterpret_cast<ExceptionGlobals*>(abi::__cxa_get_globals());
  const sigset_t open = guarded_signals();
  pthread_sigmask(SIG_UNBLOCK, &open, nullptr);
  pthread_sigmask(SIG_SETMASK, nullptr, &slot.mask);
  this_slot = &slot;
  watch(slot);
  return guard;
}

ThreadGuard::~ThreadGuard() {
  unwatch(*slot_);
  if (this_slot == slot_.get()) this_slot = nullptr;
}

// A forced unwind has no exception object: the reference to it is null by design.
__attribute__((no_sanitize("null"))) Verdict ThreadGuard::call(Function function, void* argument,
                                                               const CodeRange& image, std::uint32_t timeout_ms) {
  GuardSlot& slot = *slot_;
  const std::uint64_t generation = slot.generation.load(std::memory_order_relaxed) + 1;
  if ((generation & 1U) == 0) refuse_nested_call(slot);
  if (++slot.calls % kCallsPerReassert == 0) reassert(slot);
  slot.image = image;
  slot.call_frame = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  slot.exceptions_before = *slot.exceptions;
  slot.timeout_ms.store(timeout_ms, std::memory_order_relaxed);
  if (sigsetjmp(slot.jump, 0) != 0) return after_jump(slot);
  slot.generation.store(generation, std::memory_order_release);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (timeout_ms != 0 && watchdog_asleep.load(std::memory_order_relaxed) != 0) wake_watchdog();
  Verdict verdict = Verdict::kReturned;
  try {
    function(argument);
  } catch (const abi::__forced_unwind&) {  // a cancelled thread: swallowing it would abort the process
    disarm(slot, generation);
    throw;
  } catch (...) {
    verdict = note_exception(slot);  // still inside the call: it runs the exception's what(), and its destructor
  }
  disarm(slot, generation);
  return verdict;
}

const Fault& ThreadGuard::fault() const { return slot_->fault; }

bool ThreadGuard::cancelled() const {
  return slot_->late.load(std::memory_order_relaxed) == slot_->generation.load(std::memory_order_relaxed) ||
         stopping.load(std::memory_order_relaxed) ||
         (stop_flag_ != nullptr && stop_flag_->load(std::memory_order_relaxed)) ||
         stop_word.load(std::memory_order_relaxed)->load(std::memory_order_relaxed) != 0;
}

HostScope::HostScope() {
  if (GuardSlot* slot = this_slot) {
    slot->host_depth.store(slot->host_depth.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
}

HostScope::~HostScope() {
  if (GuardSlot* slot = this_slot) {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    slot->host_depth.store(slot->host_depth.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  }
}

}  // namespace eddy::host
