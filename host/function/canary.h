// SPDX-License-Identifier: Apache-2.0
// What workers have seen of a new build while its predecessor is still at hand.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

namespace eddy::host {

// How many records a new build may fail on where its predecessor does not.
struct CanaryBudget {
  double share = 0;               // of its calls …
  std::uint64_t min_records = 0;  // … or of so many, while there were fewer

  bool exceeded(std::uint64_t calls, std::uint64_t broken) const {
    return static_cast<double>(broken) > share * static_cast<double>(std::max(calls, min_records));
  }
};

// Of all functions of one plugin. Thread-safe.
class CanaryCounts {
 public:
  explicit CanaryCounts(const CanaryBudget& budget) : budget_(budget) {}

  void called() { calls_.fetch_add(1, std::memory_order_relaxed); }
  // A record that the new build failed on, and its predecessor did not.
  void broke(std::string why) {
    keep(first_, std::move(why));
    const std::uint64_t broken = broken_.fetch_add(1, std::memory_order_relaxed) + 1;
    if (budget_.exceeded(calls(), broken)) stopped_.store(true, std::memory_order_relaxed);
  }
  // A fault or a failed set-up of the new build, where its predecessor has none.
  void refuse(std::string why) {
    keep(refusal_, std::move(why));
    stopped_.store(true, std::memory_order_relaxed);
  }

  // The new build is not to be called any more: it will be rolled back.
  bool stopped() const { return stopped_.load(std::memory_order_relaxed); }
  std::uint64_t calls() const { return calls_.load(std::memory_order_relaxed); }
  std::uint64_t broken() const { return broken_.load(std::memory_order_relaxed); }
  std::string first() const { return copy(first_); }      // why, of the first broken record; empty: none
  std::string refusal() const { return copy(refusal_); }  // empty: none

 private:
  void keep(std::string& first, std::string why) {
    const std::lock_guard lock(mutex_);
    if (first.empty()) first = std::move(why);
  }
  std::string copy(const std::string& text) const {
    const std::lock_guard lock(mutex_);
    return text;
  }

  const CanaryBudget budget_;
  std::atomic<std::uint64_t> calls_{0}, broken_{0};
  std::atomic<bool> stopped_{false};
  mutable std::mutex mutex_;
  std::string first_, refusal_;
};

}  // namespace eddy::host
