// SPDX-License-Identifier: Apache-2.0
// What the configuration says about the life of plugins: how a new build comes in, and what becomes of one that faults.
#pragma once

#include <cstdint>

namespace eddy::host {

enum class ReloadPolicy : std::uint8_t { kCanary, kImmediate };

// When a plugin is taken out for its faults, and for how long.
struct QuarantineSettings {
  std::uint32_t max_faults = 100;  // within window_ms; 0: never for their number
  std::uint32_t max_setup_faults = 3;
  std::uint32_t window_ms = 60'000;
  std::uint32_t initial_ms = 1000;
  std::uint32_t max_ms = 60'000;
  std::uint32_t healthy_ms = 30'000;
  bool operator==(const QuarantineSettings&) const = default;
};

// How a changed build is judged before it takes the place of its predecessor.
struct CanarySettings {
  std::uint32_t records = 1000;    // of each function, tried before it is let in
  std::uint32_t letters = 100;     // likewise: open dead letters
  std::uint32_t budget_ms = 5000;  // for all of that
  double share = 0.25;             // of the partitions, once it is let in
  std::uint32_t min_records = 200;
  std::uint32_t window_ms = 30'000;
  double max_extra_failures = 0.02;  // of its records: those that its predecessor does not fail on
  bool operator==(const CanarySettings&) const = default;
};

}  // namespace eddy::host
