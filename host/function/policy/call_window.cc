// SPDX-License-Identifier: Apache-2.0
#include "function/policy/call_window.h"

#include <algorithm>

namespace eddy::host {

void CallWindow::reset(std::int64_t window_us, std::int64_t now_us, std::uint64_t successes) {
  slice_us_ = std::max<std::int64_t>(window_us / static_cast<std::int64_t>(kSlices), 1);
  slice_ = now_us / slice_us_;
  successes_ = successes;
  slices_ = {};
}

CallWindow::Share CallWindow::failed(std::int64_t now_us, std::uint64_t successes) {
  move_to(now_us / slice_us_, static_cast<double>(successes - successes_));
  successes_ = successes;
  Share& youngest = slices_[static_cast<std::size_t>(slice_) % kSlices];
  youngest.calls += 1;
  youngest.failures += 1;
  Share sum;
  for (const Share& slice : slices_) {
    sum.calls += slice.calls;
    sum.failures += slice.failures;
  }
  return sum;
}

void CallWindow::move_to(std::int64_t slice, double successes) {
  // A clock that was set back: all of it happened now.
  const std::int64_t steps = std::max<std::int64_t>(slice - slice_, 0);
  const double each = successes / static_cast<double>(steps + 1);
  slices_[static_cast<std::size_t>(slice_) % kSlices].calls += each;
  // Slices further back than the window holds would be overwritten at once.
  slice_ = std::max(slice_, slice - static_cast<std::int64_t>(kSlices));
  while (slice_ < slice) slices_[static_cast<std::size_t>(++slice_) % kSlices] = {each, 0};
}

}  // namespace eddy::host
