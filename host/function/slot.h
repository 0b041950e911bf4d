// SPDX-License-Identifier: Apache-2.0
// Where a function's workers find what to run, and hear that it has changed.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "function/binding.h"

namespace eddy::host {

// Written by the control thread, read by the workers: one relaxed load per unit of work while nothing changes.
// Thread-safe.
class Slot {
 public:
  struct View {
    BindingPtr binding;  // null: nothing to run for now
    std::uint64_t version = 0;
  };

  void publish(BindingPtr binding);
  void stop();
  bool stopping() const { return stopping_.load(std::memory_order_acquire); }
  const std::atomic<bool>& stop_flag() const { return stopping_; }

  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
  View view() const;
  // Waits until the version is not `seen`, for `at_most`, or for stop().
  void wait_change(std::uint64_t seen, std::chrono::milliseconds at_most) const;
  // Waits for `time`, or for stop().
  void wait_stop(std::chrono::milliseconds time) const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  BindingPtr binding_;
  std::atomic<std::uint64_t> version_{0};
  std::atomic<bool> stopping_{false};
};

}  // namespace eddy::host
