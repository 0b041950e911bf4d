// SPDX-License-Identifier: Apache-2.0
// When the next process of a function may start, if one after another dies.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace eddy::host {

// A death now and then costs no time: kBurst processes are replaced at once, and one more for every interval that has
// passed. Who needs more is slowed down to one an interval, until it has been calm for a while. An interval is
//
//   - 25 ms, so that a function whose every record kills its process still ends 40 of them a second; or
//   - ten times the processor time of a process that died over its first record, so that what is slow to set up, or
//     computes until its time is over, takes a tenth of a processor, with a burst of as much shorter;
//   - as many times that as there are pairs of functions of this host that are slowed down: all of them together
//     have what two of them would have, and what is left of a burst shrinks with their number, too;
//   - 10 s at most.
//
// Priorities would not do: what is once lowered only root may raise again.
//
// One caller's; not thread-safe.
class RespawnPace {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  RespawnPace() = default;
  RespawnPace(const RespawnPace&) = delete;
  RespawnPace& operator=(const RespawnPace&) = delete;
  ~RespawnPace() { set_slowed(false); }

  // A process has died. `in_vain`: the processor time it took, if it has ended no record; else zero.
  void died(Time now, Duration in_vain);
  // How long the next one has to wait from now on; zero: not at all.
  Duration wait(Time now);
  bool slowed() const { return slowed_; }

  static constexpr std::uint32_t kBurst = 16;

 private:
  Duration interval() const;
  double burst() const;
  void pass(Time now);
  void set_slowed(bool slowed);

  static inline std::atomic<std::int64_t> all_slowed{0};  // of this host

  double left_ = kBurst;  // starts without waiting; below zero: so many intervals are to pass
  Time seen_{};           // left_ is of this time
  Duration own_interval_{};
  bool slowed_ = false;
};

}  // namespace eddy::host
