// SPDX-License-Identifier: Apache-2.0
// "did you mean …": the name that a misspelt one is closest to.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace eddy::host {

// Insertions, deletions and replacements between two texts.
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

// The closest key of a map, or nullptr when none is near enough to be meant.
template <typename Map>
const std::string* nearest_key(const Map& map, std::string_view name) {
  const std::string* best = nullptr;
  std::size_t best_distance = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const auto& [key, value] : map) {
    const std::size_t distance = edit_distance(key, name);
    if (distance >= best_distance) continue;
    best_distance = distance;
    best = &key;
  }
  return best;
}

}  // namespace eddy::host
