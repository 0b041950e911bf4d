// SPDX-License-Identifier: Apache-2.0
// Which dead letters of a function are kept: sampling, and a cap on their rate. Those not kept are counted.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "function/policy/token_bucket.h"
#include "settings/policies.h"

namespace eddy::host {

// One per function, shared by its workers. Thread-safe; used on the failure path only.
class LetterLimit {
 public:
  enum class Kind : std::uint8_t { kKeep, kSampledOut, kCapped, kWait };
  struct Verdict {
    Kind kind = Kind::kKeep;
    std::int64_t until_us = 0;  // kWait: ask again then (on_overflow: pause)
    bool first = false;         // kept as one of the first of its fingerprint
    bool paid = false;          // kept, and taken from the cap
  };

  // So many letters of a fingerprint are kept whatever the share says, counted since the process started.
  static constexpr std::uint32_t kFirst = 10;
  // Fingerprints that are remembered; the one not seen for longest is forgotten, and begins anew.
  static constexpr std::size_t kMostFingerprints = 10'000;

  LetterLimit(const LetterLimits& settings, const Clock& clock);
  void configure(const LetterLimits& settings);

  // False: everything is kept.
  bool active() const { return active_.load(std::memory_order_acquire); }

  Verdict admit(std::string_view fingerprint, std::string_view id);
  // The unit that wrote a kept letter was aborted: it counts as never kept.
  void undo(std::string_view fingerprint, const Verdict& kept);

 private:
  std::uint32_t& seen(std::uint64_t fingerprint);

  const Clock& clock_;
  std::atomic<bool> active_{false};

  std::mutex mutex_;  // of all below
  LetterLimits settings_;
  TokenBucket bucket_;
  // Letters kept by fingerprint. Two generations stand for an order by age: when the young one is full, the old one
  // goes.
  std::unordered_map<std::uint64_t, std::uint32_t> young_, old_;
};

}  // namespace eddy::host
