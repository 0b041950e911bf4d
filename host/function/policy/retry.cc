// SPDX-License-Identifier: Apache-2.0
#include "function/policy/retry.h"

#include <algorithm>

#include "eddy/abi.h"
#include "function/policy/backoff.h"

namespace eddy::host {
namespace {

constexpr std::uint32_t kMostTiers = 16;

// The function itself says that the cause lies elsewhere.
bool asks_for_retry(std::uint32_t kind) { return kind == EDDY_FAIL_RETRYABLE || kind == EDDY_FAIL_DEPENDENCY_DOWN; }

}  // namespace

RetryPolicy::RetryPolicy(const RetrySettings& settings)
    : settings_(settings), on_(settings.on), never_on_(settings.never_on) {}

bool RetryPolicy::retries(std::string_view type, std::uint32_t kind, std::uint32_t attempts) const {
  if (attempts >= settings_.max_attempts || kind == EDDY_FAIL_FATAL) return false;
  return asks_for_retry(kind) || (on_.match(type) && !never_on_.match(type));
}

bool RetryPolicy::is_of_the_record(std::string_view type, std::uint32_t kind) const {
  return kind == EDDY_FAIL_FATAL || (!asks_for_retry(kind) && never_on_.match(type));
}

std::int64_t RetryPolicy::delay_us(std::uint32_t attempts, std::uint64_t seed) const {
  return backoff_us(settings_, attempts, seed);
}

std::uint32_t RetryPolicy::tiers() const {
  const std::uint32_t pauses = std::max(settings_.max_attempts, 2u) - 1;
  return backoff_tiers(settings_, std::min(pauses, kMostTiers));
}

}  // namespace eddy::host
