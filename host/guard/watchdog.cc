// SPDX-License-Identifier: Apache-2.0
#include "guard/watchdog.h"

#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <mutex>

#include "guard/signals.h"

namespace eddy::host {

std::atomic<std::uint32_t> watchdog_asleep{0};

namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kRetryTick = kMillisecond / 4;  // a late call was seen outside its image
constexpr std::int64_t kShortestTick = kMillisecond;
constexpr std::int64_t kLongestTick = 5 * kMillisecond;
constexpr int kIdleTicks = 40;                           // before the thread sleeps without an end
constexpr std::int64_t kBlindSleep = 20 * kMillisecond;  // instead, where the kernel has no membarrier

// Everything here is trivially destructible: the thread runs on while the process exits.
std::mutex registry_lock;
GuardSlot* slots = nullptr;  // guarded by registry_lock
std::atomic<std::uint32_t> wake_word{0};
std::atomic<std::int64_t> forced_jump_grace_ns{2'000 * kMillisecond};
std::atomic<std::int64_t> action_at_ns{kForever};
std::atomic<void (*)()> action{nullptr};
std::atomic<pid_t> running_in{0};
bool can_fence = false;

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void futex_wait(std::uint32_t expected, std::int64_t nanoseconds) {
  timespec limit{};
  limit.tv_sec = nanoseconds / (1000 * kMillisecond);
  limit.tv_nsec = nanoseconds % (1000 * kMillisecond);
  syscall(SYS_futex, &wake_word, FUTEX_WAIT_PRIVATE, expected, nanoseconds == kForever ? nullptr : &limit, nullptr, 0);
}

void wake() {
  wake_word.fetch_add(1, std::memory_order_acq_rel);
  syscall(SYS_futex, &wake_word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

void signal_late(GuardSlot& slot, std::uint64_t generation, std::int64_t age, std::int64_t limit) {
  slot.late.store(generation, std::memory_order_relaxed);
  if (age >= limit + forced_jump_grace_ns.load(std::memory_order_relaxed)) {
    slot.forced.store(generation, std::memory_order_relaxed);
  }
  syscall(SYS_tgkill, slot.process, slot.thread, kLateSignal);
}

// Ages one slot. Gives the time until it wants to be looked at again; kForever when it has no deadline running.
std::int64_t look_at(GuardSlot& slot, std::int64_t now) {
  const std::uint64_t generation = slot.generation.load(std::memory_order_acquire);
  const std::uint32_t timeout_ms = slot.timeout_ms.load(std::memory_order_relaxed);
  if ((generation & 1U) == 0 || timeout_ms == 0) return kForever;
  if (generation != slot.seen_generation) {
    slot.seen_generation = generation;
    slot.seen_since_ns = now;
  }
  const std::int64_t limit = timeout_ms * kMillisecond;
  const std::int64_t age = now - slot.seen_since_ns;
  if (age >= limit) {
    signal_late(slot, generation, age, limit);
    return kRetryTick;
  }
  return std::clamp(limit / 10, kShortestTick, kLongestTick);
}

std::int64_t look_at_all(std::int64_t now) {
  const std::lock_guard lock(registry_lock);
  std::int64_t next = kForever;
  for (GuardSlot* slot = slots; slot != nullptr; slot = slot->next) next = std::min(next, look_at(*slot, now));
  return next;
}

void run_action_if_due(std::int64_t now) {
  if (now < action_at_ns.load(std::memory_order_acquire)) return;
  action_at_ns.store(kForever, std::memory_order_relaxed);
  if (auto* due = action.load(std::memory_order_relaxed)) due();
}

// Sleeps until somebody wakes it or the action is due. A worker stores its generation, then reads watchdog_asleep,
// without a fence between; the barrier here, run on every thread of the process, stands in for it: either the worker
// sees that we sleep, or we see its generation.
void sleep_until_woken(std::uint32_t word) {
  watchdog_asleep.store(1, std::memory_order_seq_cst);
  if (can_fence) syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
  const std::int64_t now = now_ns();
  if (look_at_all(now) == kForever) {
    const std::int64_t action_time = action_at_ns.load(std::memory_order_acquire);
    std::int64_t wait = action_time == kForever ? kForever : std::max<std::int64_t>(action_time - now, 0);
    if (!can_fence) wait = std::min(wait, kBlindSleep);
    futex_wait(word, wait);
  }
  watchdog_asleep.store(0, std::memory_order_seq_cst);
}

void* run(void*) {
  pthread_setname_np(pthread_self(), "eddy-watchdog");
  int idle = 0;
  for (;;) {
    const std::uint32_t word = wake_word.load(std::memory_order_acquire);
    reassert_signals();
    const std::int64_t now = now_ns();
    run_action_if_due(now);
    const std::int64_t next = look_at_all(now);
    idle = next == kForever ? idle + 1 : 0;
    if (idle > kIdleTicks) {
      sleep_until_woken(word);
      idle = 0;
    } else {
      futex_wait(word, next == kForever ? kLongestTick : next);
    }
  }
  return nullptr;
}

void before_fork() { registry_lock.lock(); }
void after_fork_in_parent() { registry_lock.unlock(); }
void after_fork_in_child() {
  slots = nullptr;  // their threads stayed in the parent
  registry_lock.unlock();
  running_in.store(0);
}

}  // namespace

Result<void> start_watchdog() {
  static std::once_flag once;
  std::call_once(once, [] {
    can_fence = syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
  });
  if (running_in.exchange(getpid()) == getpid()) return {};
  watchdog_asleep.store(0);
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread{};
  const int error = pthread_create(&thread, nullptr, run, nullptr);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error != 0) {
    running_in.store(0);
    return Error{Code::kInternal, std::string("guard: cannot start the watchdog thread: ") + std::strerror(error)};
  }
  pthread_detach(thread);
  return {};
}

void watch(GuardSlot& slot) {
  const std::lock_guard lock(registry_lock);
  slot.next = slots;
  slots = &slot;
}

void unwatch(GuardSlot& slot) {
  const std::lock_guard lock(registry_lock);
  for (GuardSlot** at = &slots; *at != nullptr; at = &(*at)->next) {
    if (*at != &slot) continue;
    *at = slot.next;
    return;
  }
}

void wake_watchdog() {
  if (watchdog_asleep.exchange(0, std::memory_order_acq_rel) != 0) wake();
}

void run_at(std::chrono::steady_clock::time_point time, void (*what)()) {
  action.store(what, std::memory_order_relaxed);
  action_at_ns.store(std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count(),
                     std::memory_order_release);
  wake();
}

void set_forced_jump_grace(std::chrono::milliseconds grace) {
  forced_jump_grace_ns.store(grace.count() * kMillisecond, std::memory_order_relaxed);
}

}  // namespace eddy::host
