// SPDX-License-Identifier: Apache-2.0
#include "function/policy/letter_limit.h"

#include "function/policy/mix.h"

namespace eddy::host {

LetterLimit::LetterLimit(const LetterLimits& settings, const Clock& clock) : clock_(clock) { configure(settings); }

void LetterLimit::configure(const LetterLimits& settings) {
  const std::lock_guard lock(mutex_);
  settings_ = settings;
  bucket_.configure(settings.max_per_second, clock_.now_us());
  active_.store(settings.sample < 1 || settings.max_per_second > 0, std::memory_order_release);
}

LetterLimit::Verdict LetterLimit::admit(std::string_view fingerprint, std::string_view id) {
  if (!active()) return {};
  const double place = unit_interval(stable_hash(id));
  const std::uint64_t cause = stable_hash(fingerprint);
  const std::lock_guard lock(mutex_);
  std::uint32_t& kept = seen(cause);
  Verdict verdict{.first = kept < kFirst};
  if (!verdict.first && place >= settings_.sample) return {.kind = Kind::kSampledOut};
  if (bucket_.limited()) {
    const std::int64_t now = clock_.now_us();
    if (bucket_.take(now)) {
      verdict.paid = true;
    } else if (settings_.on_overflow == OnOverflow::kPause) {
      return {.kind = Kind::kWait, .until_us = bucket_.next_us(now)};
    } else if (verdict.first) {
      bucket_.owe(now);
      verdict.paid = true;
    } else {
      return {.kind = Kind::kCapped};
    }
  }
  if (verdict.first) ++kept;
  return verdict;
}

void LetterLimit::undo(std::string_view fingerprint, const Verdict& kept) {
  if (kept.kind != Kind::kKeep || !(kept.first || kept.paid)) return;
  const std::uint64_t cause = stable_hash(fingerprint);
  const std::lock_guard lock(mutex_);
  if (kept.paid) bucket_.give_back();
  if (!kept.first) return;
  std::uint32_t& count = seen(cause);
  if (count > 0) --count;
}

std::uint32_t& LetterLimit::seen(std::uint64_t fingerprint) {
  if (const auto found = young_.find(fingerprint); found != young_.end()) return found->second;
  std::uint32_t count = 0;
  if (const auto found = old_.find(fingerprint); found != old_.end()) {
    count = found->second;
    old_.erase(found);
  }
  if (young_.size() >= kMostFingerprints / 2) {
    old_ = std::move(young_);
    young_.clear();
  }
  return young_.emplace(fingerprint, count).first->second;
}

}  // namespace eddy::host
