// SPDX-License-Identifier: Apache-2.0
#include "runtime/canary_judge.h"

#include <fmt/format.h>

#include "function/canary.h"

namespace eddy::host {

namespace {

std::string share_of(const CanaryFigures& seen) { return fmt::format("{} of {} records", seen.broken, seen.calls); }

std::string too_many(const CanarySettings& settings, const CanaryFigures& seen) {
  return fmt::format(
      "it fails on {} that its predecessor does not fail on, more than max_extra_failures, which is {}; "
      "the first: {}",
      share_of(seen), settings.max_extra_failures, seen.first);
}

bool exceeds(const CanarySettings& settings, const CanaryFigures& seen, std::uint64_t min_records) {
  return CanaryBudget{settings.max_extra_failures, min_records}.exceeded(seen.calls, seen.broken);
}

}  // namespace

std::optional<std::string> judge_trial(const CanarySettings& settings, const CanaryFigures& seen) {
  if (!seen.fatal.empty()) return seen.fatal;
  if (exceeds(settings, seen, 0)) return too_many(settings, seen);
  return std::nullopt;
}

CanaryVerdict judge_canary(const CanarySettings& settings, const CanaryFigures& seen, std::chrono::milliseconds since) {
  using Kind = CanaryVerdict::Kind;
  if (!seen.fatal.empty()) return {Kind::kRollBack, seen.fatal};
  if (exceeds(settings, seen, settings.min_records)) return {Kind::kRollBack, too_many(settings, seen)};
  if (since < std::chrono::milliseconds(settings.window_ms)) return {};
  // Fewer records than wished for are what there is to judge by.
  if (exceeds(settings, seen, 0)) return {Kind::kRollBack, too_many(settings, seen)};
  if (seen.calls == 0) return {Kind::kPromote, "no records came to judge it by"};
  return {Kind::kPromote, "it failed on " + share_of(seen) + " that its predecessor did not fail on"};
}

}  // namespace eddy::host
