// SPDX-License-Identifier: Apache-2.0
#include "function/process/respawn_pace.h"

#include <algorithm>

namespace eddy::host {

using namespace std::chrono_literals;

namespace {

constexpr RespawnPace::Duration kInterval = 25ms;
constexpr RespawnPace::Duration kLongestInterval = 2s;
constexpr RespawnPace::Duration kIntervalForEach = 10ms;  // slowed function of the host
constexpr int kShare = 10;                                // of a processor: one in so many

}  // namespace

RespawnPace::Duration RespawnPace::interval() const {
  return std::max(own_interval_, kIntervalForEach * all_slowed.load(std::memory_order_relaxed));
}

void RespawnPace::died(Time now, Duration in_vain) {
  pass(now);
  own_interval_ = std::clamp(in_vain * kShare, kInterval, kLongestInterval);
  left_ -= 1;
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
