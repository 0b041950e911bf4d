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

}  // namespace eddy::host
