// SPDX-License-Identifier: Apache-2.0
#include "runtime/try/report.h"

namespace eddy::host {

std::uint64_t TryGroup::other_cause() const {
  std::uint64_t all = 0;
  for (const auto& [id, cause] : other_causes) all += cause.letters;
  return all;
}

std::uint64_t TryGroup::untried() const {
  std::uint64_t all = 0;
  for (const auto& [reason, count] : not_tried) all += count;
  return all;
}

std::uint64_t TryReport::passed() const {
  std::uint64_t all = 0;
  for (const auto& [key, group] : groups) all += group.passed();
  return all;
}

std::uint64_t TryReport::failed() const {
  std::uint64_t all = 0;
  for (const auto& [key, group] : groups) all += group.failed();
  return all;
}

std::uint64_t TryReport::untried() const {
  std::uint64_t all = 0;
  for (const auto& [key, group] : groups) all += group.untried();
  return all;
}

std::uint64_t TryReport::good_broken() const {
  std::uint64_t all = 0;
  for (const TryGoodRecords& good : good_records) all += good.failed;
  return all;
}

}  // namespace eddy::host
