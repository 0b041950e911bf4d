// SPDX-License-Identifier: Apache-2.0
// How much each account may send.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "http/lru.h"
#include "settings/ingest_settings.h"

namespace eddy::host {

// Two token buckets for each account: requests, which are taken before they are served, and records, whose number is
// known only afterwards: a request may leave a debt, and the next ones wait until it is paid. Accounts that are not
// among the last `most_accounts` are forgotten. Thread-safe.
class RateLimit {
 public:
  static constexpr std::size_t kMostAccounts = 65'536;
  static constexpr std::int64_t kLongestDebtUs = std::int64_t{3600} * 1'000'000;

  explicit RateLimit(const RateSettings& settings, std::size_t most_accounts = kMostAccounts)
      : settings_(settings), accounts_(most_accounts) {}

  // 0: one request was taken; else nothing was, and the seconds after which it is worth trying again.
  std::uint32_t take(std::string_view account, std::int64_t now_us);
  void charge(std::string_view account, std::uint64_t records, std::int64_t now_us);

  std::size_t accounts() const;

 private:
  // When the bucket will be full again: the one number that says how full it is now.
  struct Account {
    std::int64_t requests_full_us = 0;
    std::int64_t records_full_us = 0;
  };
  Account& find(std::string_view account, std::int64_t now_us);
  std::int64_t burst_us() const { return static_cast<std::int64_t>(settings_.burst_s * 1e6); }
  std::int64_t wait_us(std::int64_t full_us, std::uint32_t per_second, std::int64_t now_us) const;

  const RateSettings settings_;
  mutable std::mutex mutex_;
  Lru<std::string, Account> accounts_;
  std::int64_t last_us_ = 0;
};

}  // namespace eddy::host
