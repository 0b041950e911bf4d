// SPDX-License-Identifier: Apache-2.0
#include "http/rate_limit.h"

#include <algorithm>

namespace eddy::host {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

std::int64_t cost_us(std::uint64_t count, std::uint32_t per_second) {
  const double cost = static_cast<double>(count) / per_second * 1e6;
  return static_cast<std::int64_t>(std::min(cost, static_cast<double>(RateLimit::kLongestDebtUs)));
}

}  // namespace

std::uint32_t RateLimit::take(std::string_view account, std::int64_t now_us) {
  if (!settings_.limited()) return 0;
  const std::lock_guard lock(mutex_);
  Account& held = find(account, now_us);
  const std::int64_t wait = std::max(wait_us(held.requests_full_us, settings_.requests_per_second, now_us),
                                     wait_us(held.records_full_us, settings_.records_per_second, now_us));
  if (wait > 0) return static_cast<std::uint32_t>((wait + kSecond - 1) / kSecond);
  if (settings_.requests_per_second > 0) {
    held.requests_full_us = std::max(held.requests_full_us, now_us) + cost_us(1, settings_.requests_per_second);
  }
  return 0;
}

void RateLimit::charge(std::string_view account, std::uint64_t records, std::int64_t now_us) {
  if (settings_.records_per_second == 0 || records == 0) return;
  const std::lock_guard lock(mutex_);
  Account& held = find(account, now_us);
  const std::int64_t from = std::max(held.records_full_us, now_us);
  // An end to every debt: one huge request must not shut a client out for days.
  held.records_full_us = std::min(from + cost_us(records, settings_.records_per_second), now_us + kLongestDebtUs);
}

std::size_t RateLimit::accounts() const {
  const std::lock_guard lock(mutex_);
  return accounts_.size();
}

RateLimit::Account& RateLimit::find(std::string_view account, std::int64_t now_us) {
  // A clock that was set back would turn every bucket into a debt.
  if (now_us + kSecond < last_us_) accounts_.clear();
  last_us_ = now_us;
  const std::string key(account);
  if (Account* held = accounts_.find(key)) return *held;
  return accounts_.put(key, {});
}

// How long until one more fits.
std::int64_t RateLimit::wait_us(std::int64_t full_us, std::uint32_t per_second, std::int64_t now_us) const {
  if (per_second == 0) return 0;
  // A bucket holds one at least, however short the burst.
  const std::int64_t one = cost_us(1, per_second);
  return full_us + one - now_us - std::max(burst_us(), one);
}

}  // namespace eddy::host
