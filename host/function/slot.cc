// SPDX-License-Identifier: Apache-2.0
#include "function/slot.h"

namespace eddy::host {

void Slot::publish(BindingPtr binding) {
  {
    const std::lock_guard lock(mutex_);
    binding_ = std::move(binding);
    version_.fetch_add(1, std::memory_order_release);
  }
  changed_.notify_all();
}

void Slot::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_.store(true, std::memory_order_release);
  }
  changed_.notify_all();
}

Slot::View Slot::view() const {
  const std::lock_guard lock(mutex_);
  return {binding_, version_.load(std::memory_order_relaxed)};
}

void Slot::wait_change(std::uint64_t seen, std::chrono::milliseconds at_most) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, at_most, [&] { return stopping_.load() || version_.load() != seen; });
}

void Slot::wait_stop(std::chrono::milliseconds time) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [&] { return stopping_.load(); });
}

}  // namespace eddy::host
