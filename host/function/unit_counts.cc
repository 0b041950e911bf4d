// SPDX-License-Identifier: Apache-2.0
#include "function/unit_counts.h"

namespace eddy::host {

void UnitCounts::dead_letter(std::string_view error_type) {
  for (auto& [type, count] : dead_letters_) {
    if (type == error_type) {
      ++count;
      return;
    }
  }
  dead_letters_.emplace_back(error_type, 1);
}

void UnitCounts::commit() {
  for (std::size_t i = 0; i < outcomes_.size(); ++i) counters_.outcomes[i].add(outcomes_[i]);
  for (std::size_t i = 0; i < recoveries_.size(); ++i) counters_.recoveries[i].add(recoveries_[i]);
  for (std::size_t i = 0; i < retries_.size(); ++i) counters_.retries[i].add(retries_[i]);
  for (std::size_t i = 0; i < dropped_.size(); ++i) counters_.dropped[i].add(dropped_[i]);
  for (const double seconds : recovery_seconds_) counters_.recovery_seconds.observe(seconds);
  for (const auto& [type, count] : dead_letters_) counters_.dead_letter(type, count);
  abort();
}

void UnitCounts::abort() {
  outcomes_ = {};
  recoveries_ = {};
  retries_ = {};
  dropped_ = {};
  recovery_seconds_.clear();
  dead_letters_.clear();
}

}  // namespace eddy::host
