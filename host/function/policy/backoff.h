// SPDX-License-Identifier: Apache-2.0
// How long a record waits between two attempts.
#pragma once

#include <cstdint>

#include "settings/policies.h"

namespace eddy::host {

// Microseconds from the failure of attempt number `attempts` (from 1) to the next call: initial *
// multiplier^(attempts-1), at most the maximum, then shorter or longer by up to the jitter's share. The same seed gives
// the same time.
std::int64_t backoff_us(const RetrySettings& settings, std::uint32_t attempts, std::uint64_t seed);

// How many different times there are, jitter aside; at least 1, at most `most`.
std::uint32_t backoff_tiers(const RetrySettings& settings, std::uint32_t most);

}  // namespace eddy::host
