// SPDX-License-Identifier: Apache-2.0
#include "stream/kafka/place.h"

#include <algorithm>
#include <utility>

namespace eddy::host::kafka {

void Place::start(Progress progress) {
  assigned_ = true;
  touched_ = false;
  must_seek = false;
  stored_ = std::move(progress);
  pending_ = stored_;
  unclaimed_.clear();
  for (const auto& [offset, wait] : stored_.held()) unclaimed_.push_back(offset);
  seen_ = 0;
  next_ = stored_.committed();
  admitted_ = 0;
  end_ = 0;
}

bool Place::admit(std::int64_t offset) {
  if (must_seek || offset < next_) return false;
  next_ = offset + 1;
  if (seen_ < unclaimed_.size()) {
    drop_missing(offset);
    if (seen_ < unclaimed_.size() && unclaimed_[seen_] == offset) {
      ++seen_;
      return true;
    }
  }
  if (offset < pending_.frontier()) return false;
  admitted_ = offset + 1;
  return true;
}

void Place::reach_end(std::int64_t offset) {
  if (must_seek || offset < next_) return;
  next_ = offset;
  end_ = offset;
  drop_missing(offset);
}

// Held records that the broker passed over: retention or compaction has taken them.
void Place::drop_missing(std::int64_t below) {
  std::size_t missing = 0;
  while (seen_ + missing < unclaimed_.size() && unclaimed_[seen_ + missing] < below) ++missing;
  if (missing == 0) return;
  const auto first = unclaimed_.begin() + static_cast<std::ptrdiff_t>(seen_);
  const auto last = first + static_cast<std::ptrdiff_t>(missing);
  Progress kept(pending_.committed());
  for (const auto& [offset, wait] : pending_.held()) {
    if (!std::binary_search(first, last, offset)) kept.hold(offset, wait);
  }
  kept.skip_to(pending_.frontier());
  kept.set_tally(pending_.tally());
  pending_ = std::move(kept);
  unclaimed_.erase(first, last);
}

bool Place::unclaimed(std::int64_t offset) const {
  return !unclaimed_.empty() && std::binary_search(unclaimed_.begin(), unclaimed_.end(), offset);
}

const Wait* Place::handed_on(std::int64_t offset) const {
  return unclaimed(offset) ? pending_.wait_of(offset) : nullptr;
}

void Place::claim(std::int64_t offset) {
  if (!unclaimed(offset)) return;
  const auto at = std::lower_bound(unclaimed_.begin(), unclaimed_.end(), offset);
  if (at - unclaimed_.begin() < static_cast<std::ptrdiff_t>(seen_)) --seen_;
  unclaimed_.erase(at);
}

void Place::end(std::int64_t offset, Outcome outcome) {
  touched_ = true;
  claim(offset);
  pending_.end(offset, outcome);
}

void Place::hold(std::int64_t offset, const Wait& wait) {
  touched_ = true;
  claim(offset);
  pending_.hold(offset, wait);
}

bool Place::open(std::int64_t offset) const { return offset >= pending_.frontier() || unclaimed(offset); }

bool Place::prepare() {
  if (!assigned_) return false;
  if (end_ > pending_.frontier() && pending_.frontier() >= admitted_) pending_.skip_to(end_);
  return touched_ || pending_ != stored_;
}

bool Place::quiet() { return std::exchange(last_next_, next_) == next_; }

bool Place::rewind() {
  touched_ = false;
  if (admitted_ <= stored_.frontier() && stored_.held().empty()) {
    pending_ = stored_;
    return false;
  }
  start(std::move(stored_));
  must_seek = true;
  return true;
}

void Place::commit() {
  stored_ = pending_;
  touched_ = false;
}

}  // namespace eddy::host::kafka
