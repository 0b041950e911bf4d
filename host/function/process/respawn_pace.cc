// SPDX-License-Identifier: Apache-2.0
#include "function/process/respawn_pace.h"

#include <algorithm>

namespace eddy::host {

using namespace std::chrono_literals;

namespace {

constexpr RespawnPace::Duration kInterval = 25ms;
constexpr RespawnPace::Duration kLongestInterval = 10s;
constexpr int kShare = 10;         // of a processor: one in so many
constexpr double kUnhindered = 2;  // slowed functions of a host, each with an interval of its own length

}  // namespace

RespawnPace::Duration RespawnPace::interval() const {
  const double times = std::max(1.0, static_cast<double>(all_slowed.load(std::memory_order_relaxed)) / kUnhindered);
  return std::min(kLongestInterval, std::chrono::duration_cast<Duration>(own_interval_ * times));
}

double RespawnPace::burst() const {
  const std::int64_t others = all_slowed.load(std::memory_order_relaxed) - (slowed_ ? 1 : 0);
  const double affordable = static_cast<double>(kBurst) * kInterval / std::max(own_interval_, kInterval);
  return std::max(1.0, affordable) / (1.0 + static_cast<double>(others));
}

void RespawnPace::died(Time now, Duration in_vain) {
  pass(now);
  own_interval_ = std::clamp(in_vain * kShare, kInterval, kLongestInterval);
  left_ = std::min(left_, burst()) - 1;
  if (left_ < 0) set_slowed(true);
}

RespawnPace::Duration RespawnPace::wait(Time now) {
  pass(now);
  if (left_ >= 0) return {};
  return std::chrono::ceil<std::chrono::milliseconds>(interval() * -left_);
}

void RespawnPace::pass(Time now) {
  if (now > seen_ && own_interval_.count() != 0) {
    left_ = std::min<double>(kBurst, left_ + std::chrono::duration<double>(now - seen_) / interval());
  }
  seen_ = std::max(seen_, now);
  if (left_ >= kBurst / 2) set_slowed(false);
}

void RespawnPace::set_slowed(bool slowed) {
  if (slowed == slowed_) return;
  slowed_ = slowed;
  all_slowed.fetch_add(slowed ? 1 : -1, std::memory_order_relaxed);
}

}  // namespace eddy::host
