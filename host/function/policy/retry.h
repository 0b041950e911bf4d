// SPDX-License-Identifier: Apache-2.0
// Whether a failure gets another attempt, and when.
#pragma once

#include <cstdint>
#include <string_view>

#include "function/policy/patterns.h"
#include "settings/policies.h"

namespace eddy::host {

// Immutable, thread-safe. Patterns are compiled once.
class RetryPolicy {
 public:
  explicit RetryPolicy(const RetrySettings& settings);

  // `kind` is EDDY_FAIL_*; `attempts` calls were made, the failed one included. EDDY_FAIL_FATAL never;
  // EDDY_FAIL_RETRYABLE and EDDY_FAIL_DEPENDENCY_DOWN whatever `on` and `never_on` say; never beyond max_attempts.
  bool retries(std::string_view type, std::uint32_t kind, std::uint32_t attempts) const;
  // The record's own fault: it says nothing about what is behind the function (never_on, EDDY_FAIL_FATAL).
  bool is_of_the_record(std::string_view type, std::uint32_t kind) const;
  // From the failure of attempt number `attempts` (from 1) to the next call. The same `seed` gives the same jitter, so
  // that a unit that is run again decides the same.
  std::int64_t delay_us(std::uint32_t attempts, std::uint64_t seed) const;
  // How many different delays a record may meet; at least 1, at most 16.
  std::uint32_t tiers() const;

 private:
  RetrySettings settings_;
  Patterns on_, never_on_;
};

}  // namespace eddy::host
