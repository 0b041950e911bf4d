// SPDX-License-Identifier: Apache-2.0
#include "metrics/counters.h"

#include <algorithm>

namespace eddy::host {
namespace {

constexpr std::size_t kLongestType = 200;

// Cut between characters, so that what is UTF-8 stays so.
std::string_view shortened(std::string_view text) {
  if (text.size() <= kLongestType) return text;
  std::size_t end = kLongestType;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace

template <typename Times>
void Histogram<Times>::observe(double seconds, std::uint64_t times) noexcept {
  if (!(seconds > 0)) seconds = 0;  // a clock that was set back, or no number
  seconds = std::min(seconds, 1e9);
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  buckets_[static_cast<std::size_t>(bound - kBounds.begin())].add(times);
  parts_.add(static_cast<std::uint64_t>(seconds * Times::kPerSecond * static_cast<double>(times) + 0.5));
}

template class Histogram<CallTimes>;
template class Histogram<RecoveryTimes>;

void WorkerCounters::dead_letter(std::string_view error_type, std::uint64_t n) {
  error_type = shortened(error_type);
  if (last_ == nullptr || error_type != last_type_) remember(error_type);
  last_->add(n);
}

void WorkerCounters::remember(std::string_view error_type) {
  // Only this thread changes the map, so it may look without the lock.
  auto found = by_type_.find(error_type);
  if (found == by_type_.end()) {
    if (by_type_.size() >= kMostErrorTypes) error_type = kOtherErrorType;
    const std::lock_guard lock(mutex_);
    found = by_type_.try_emplace(std::string(error_type), nullptr).first;
    if (found->second == nullptr) found->second = std::make_unique<Count>();
  }
  last_type_ = found->first;
  last_ = found->second.get();
}

std::map<std::string, std::uint64_t> WorkerCounters::dead_letters() const {
  std::map<std::string, std::uint64_t> counts;
  const std::lock_guard lock(mutex_);
  for (const auto& [type, count] : by_type_) counts.emplace(type, count->get());
  return counts;
}

void ApiCounters::request(int code) {
  const std::lock_guard lock(mutex_);
  ++by_code_[code];
}

std::map<int, std::uint64_t> ApiCounters::requests() const {
  const std::lock_guard lock(mutex_);
  return by_code_;
}

}  // namespace eddy::host
