// SPDX-License-Identifier: Apache-2.0
// The circuit breaker of a function: while it is open nothing is called, so an outage behind the function does not turn
// its whole input into dead letters.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "function/policy/call_window.h"
#include "settings/policies.h"

namespace eddy::host {

// One per function, shared by its workers. Thread-safe. Closed and without failures it costs two loads per call.
// Failures take a lock: each has its number, whatever worker it comes from.
class Breaker {
 public:
  enum class State : std::uint8_t { kClosed = 0, kHalfOpen = 1, kOpen = 2 };  // as eddy_breaker_state shows it
  enum class Gate : std::uint8_t {
    kCall,
    kProbe,     // call; then say succeeded(), failed() or released() with `probe`
    kWait,      // do not call: leave the record; ask again at due_us()
    kFailFast,  // do not call: dead-letter it (on_open: dead_letter)
  };

  Breaker(const BreakerSettings& settings, const Clock& clock);
  // [control thread] New settings count from the next call on; an open breaker stays open until its time.
  void configure(const BreakerSettings& settings);

  Gate admit() { return state_.load(std::memory_order_acquire) == State::kClosed ? Gate::kCall : admit_slowly(); }
  // A call has returned, with outputs or without.
  void succeeded(bool probe) {
    const std::uint8_t watched = watched_.load(std::memory_order_relaxed);
    if (watched != 0 || probe) succeeded_slowly(watched, probe);
  }
  // A call has failed by a cause that may lie behind the function. True: its record may be dead-lettered, or tried
  // again as its policy says. False: it is judged an outage, the record must stay where it is, and the call does not
  // count as an attempt. Of a row of failures, over all workers, `consecutive_failures` are answered with true; with
  // `on_open: dead_letter` all are. `dependency_down` opens the breaker at once, also one that is off.
  bool failed(std::string_view type, std::string_view message, bool dependency_down, bool probe);
  // A probe ended without saying anything about the outage: its record was filtered as foreign, was its own fault, or
  // was never called. A probe that says nothing at all counts as ended after reset_timeout_ms.
  void released();

  State state() const { return state_.load(std::memory_order_acquire); }
  // Rises with each opening: failures counted since an older epoch were judged an outage.
  std::uint64_t epoch() const { return epoch_.load(std::memory_order_acquire); }
  // When it is worth asking again, by the wall clock as it is set now. An open breaker lets probes through then; a
  // half-open one may close at any moment, so it is soon.
  std::int64_t due_us() const;
  std::string reason() const;  // why it is not closed, for operators; empty when it is

 private:
  enum Watched : std::uint8_t { kStreak = 1, kCalls = 2 };

  Gate admit_slowly();
  void succeeded_slowly(std::uint8_t watched, bool probe);
  Gate shut() const { return settings_.on_open == OnOpen::kDeadLetter ? Gate::kFailFast : Gate::kWait; }
  bool count_failure(std::string_view type, std::string_view message);
  void open(std::string why, std::string_view type, std::string_view message);
  void half_open();
  void close();
  void watch();
  void end_probe();
  void wait_for_reset();
  std::int64_t steady_us() const;
  std::int64_t left_us() const { return due_us_.load() - steady_us(); }

  const Clock& clock_;
  std::atomic<State> state_{State::kClosed};
  std::atomic<std::uint8_t> watched_{0};  // what a success has to do more than nothing for
  std::atomic<bool> enabled_{false};
  std::atomic<std::uint64_t> epoch_{0};
  // Open: probes begin; half-open: probes that have not ended are lost. Of the steady clock.
  std::atomic<std::int64_t> due_us_{0};
  alignas(64) std::atomic<std::uint64_t> successes_{0};  // while the share of failures is judged

  alignas(64) mutable std::mutex mutex_;  // of all below
  BreakerSettings settings_;
  std::uint64_t streak_ = 0;  // failures in a row
  CallWindow window_;
  std::uint32_t probes_out_ = 0;  // let through, not ended
  std::uint32_t probes_worked_ = 0;
  std::string reason_;
};

}  // namespace eddy::host
