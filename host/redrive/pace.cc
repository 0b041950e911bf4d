// SPDX-License-Identifier: Apache-2.0
#include "redrive/pace.h"

#include <algorithm>

namespace eddy::host {

namespace {

constexpr std::uint64_t kMostWaiting = 10'000;  // without a rate
constexpr std::uint64_t kFewestWaiting = 100;
constexpr double kSavedSeconds = 0.5;

}  // namespace

// What waits is at most two seconds' worth: a redrive that is paused or stops itself is over soon after.
Pace::Pace(std::uint32_t rate, Instant now)
    : rate_(rate),
      most_at_once_(std::max(1.0, rate_ * kSavedSeconds)),
      most_waiting_(rate == 0 ? kMostWaiting : std::max<std::uint64_t>(kFewestWaiting, std::uint64_t{rate} * 2)),
      tokens_(1),
      refilled_(now) {}

std::uint64_t Pace::allowance(Instant now) {
  const std::uint64_t room = most_waiting_ - std::min(most_waiting_, lag_);
  if (rate_ == 0) return room;
  const double seconds = std::chrono::duration<double>(now - refilled_).count();
  refilled_ = now;
  tokens_ = std::min(most_at_once_, tokens_ + seconds * rate_);
  return std::min(room, static_cast<std::uint64_t>(tokens_));
}

void Pace::sent(std::uint64_t letters) {
  lag_ += letters;
  if (rate_ != 0) tokens_ -= static_cast<double>(letters);
}

std::chrono::milliseconds Pace::wait() const {
  constexpr double kLongest = 100;
  if (rate_ == 0) return std::chrono::milliseconds(10);
  const double missing = std::max(0.0, std::min(1.0, most_at_once_) - tokens_);
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::clamp(missing / rate_ * 1000 + 1, 1.0, kLongest)));
}

}  // namespace eddy::host
