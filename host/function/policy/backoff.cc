// SPDX-License-Identifier: Apache-2.0
#include "function/policy/backoff.h"

#include <algorithm>

#include "function/policy/mix.h"

namespace eddy::host {

std::int64_t backoff_us(const RetrySettings& settings, std::uint32_t attempts, std::uint64_t seed) {
  const double most = settings.max_interval_ms;
  double pause = std::min<double>(settings.initial_interval_ms, most);
  // Multiplied step by step, and no further than the maximum: a power could overflow.
  for (std::uint32_t i = 1; i < attempts && pause < most && settings.multiplier > 1; ++i) {
    pause = std::min(pause * settings.multiplier, most);
  }
  const double share = (unit_interval(mix(seed)) * 2 - 1) * settings.jitter;
  return static_cast<std::int64_t>(pause * (1 + share) * 1000);
}

std::uint32_t backoff_tiers(const RetrySettings& settings, std::uint32_t most) {
  const double longest = settings.max_interval_ms;
  double pause = std::min<double>(settings.initial_interval_ms, longest);
  std::uint32_t tiers = 1;
  while (tiers < most && pause < longest && settings.multiplier > 1) {
    pause = std::min(pause * settings.multiplier, longest);
    ++tiers;
  }
  return tiers;
}

}  // namespace eddy::host
