// SPDX-License-Identifier: Apache-2.0
// When a plugin that faults is taken out, and when it may come back.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "base/clock.h"
#include "settings/plugin_settings.h"

namespace eddy::host {

// The record of one plugin, from one build to the next:
//
//   free → too many faults → held for initial_ms → released, on probation → healthy_ms without a fault → free
//                              ↑                        ↓ a fault
//                              held for twice as long ←─┘
//
// Not thread-safe.
class Quarantine {
 public:
  // `clock` outlives it.
  explicit Quarantine(const Clock& clock) : clock_(clock) {}

  // The plugin has faulted, `in_setup` or in a call. True: it is to be taken out now, for why().
  bool fault(const QuarantineSettings& settings, const std::string& what, bool in_setup);
  // It cannot go on for another reason: taken out for as long as after a fault too many.
  void hold(const QuarantineSettings& settings, std::string why);
  // It stays out until release() by hand.
  void hold_for_good(std::string why);

  bool held() const { return held_; }
  // Its time is over, and release() is due.
  bool due() const { return held_ && until_ && clock_.steady() >= *until_; }
  void release();
  // Held for a time, and not for its set-up: each return ends at least one record.
  bool makes_progress() const { return held_ && until_ && setup_faults_ == 0; }

  // For operators. Of a plugin that is not held, only faults() says something.
  const std::string& why() const { return why_; }
  std::int64_t since_us() const { return since_us_; }
  std::optional<std::chrono::steady_clock::time_point> until() const { return until_; }
  std::optional<std::int64_t> until_us() const;  // none: until it is released by hand, or replaced
  std::size_t faults() const { return faults_.size(); }

 private:
  using Instant = std::chrono::steady_clock::time_point;

  void forget_old(const QuarantineSettings& settings, Instant now);

  const Clock& clock_;
  std::deque<Instant> faults_;       // within the window
  std::uint32_t setup_faults_ = 0;   // in a row
  std::uint32_t last_ms_ = 0;        // of the last quarantine; 0: the next one is a first one
  std::optional<Instant> released_;  // on probation since
  bool held_ = false;
  std::string why_;
  std::int64_t since_us_ = 0;
  std::optional<Instant> until_;
};

}  // namespace eddy::host
