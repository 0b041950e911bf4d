// SPDX-License-Identifier: Apache-2.0
// Whether a new build does as well as its predecessor. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "settings/plugin_settings.h"

namespace eddy::host {

// What was seen of a new build over records that its predecessor has processed, or would process.
struct CanaryFigures {
  std::uint64_t calls = 0;
  std::uint64_t broken = 0;  // the new build failed, its predecessor did not
  std::string first;         // why, of the first broken one
  std::string fatal;         // a fault, or a set-up that only the new build failed in; empty: none
};

// Before it is let in: why it is turned away; none when it is not.
std::optional<std::string> judge_trial(const CanarySettings& settings, const CanaryFigures& seen);

// While it runs for some partitions, `since` so long.
struct CanaryVerdict {
  enum class Kind : std::uint8_t { kWait, kPromote, kRollBack };
  Kind kind = Kind::kWait;
  std::string why{};
};
CanaryVerdict judge_canary(const CanarySettings& settings, const CanaryFigures& seen, std::chrono::milliseconds since);

}  // namespace eddy::host
