// SPDX-License-Identifier: Apache-2.0
#include "function/policy/token_bucket.h"

#include <algorithm>
#include <cmath>

namespace eddy::host {
namespace {

// What floating point loses in adding shares must not keep a token back.
constexpr double kAlmostOne = 1 - 1e-9;

}  // namespace

void TokenBucket::configure(std::uint32_t per_second, std::int64_t now_us) {
  if (per_second_ == per_second) return;
  per_second_ = per_second;
  tokens_ = per_second;
  filled_us_ = now_us;
}

bool TokenBucket::take(std::int64_t now_us) {
  refill(now_us);
  if (tokens_ < kAlmostOne) return false;
  tokens_ -= 1;
  return true;
}

void TokenBucket::owe(std::int64_t now_us) {
  refill(now_us);
  // A debt of a second at most, or a burst would shut out all that follows.
  tokens_ = std::max(tokens_ - 1, -per_second_);
}

void TokenBucket::give_back() { tokens_ = std::min(tokens_ + 1, per_second_); }

std::int64_t TokenBucket::next_us(std::int64_t now_us) const {
  if (tokens_ >= kAlmostOne) return now_us;
  const double wait = std::ceil((1 - tokens_) / per_second_ * 1e6);
  return filled_us_ + static_cast<std::int64_t>(wait);
}

void TokenBucket::refill(std::int64_t now_us) {
  // A clock that was set back gives nothing, and starts again from where it is.
  const std::int64_t passed = std::max<std::int64_t>(now_us - filled_us_, 0);
  tokens_ = std::min(tokens_ + static_cast<double>(passed) * 1e-6 * per_second_, per_second_);
  filled_us_ = now_us;
}

}  // namespace eddy::host
