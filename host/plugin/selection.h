// SPDX-License-Identifier: Apache-2.0
// Which of the images that could run go together.
#pragma once

#include <string>
#include <vector>

#include "plugin/topology.h"

namespace eddy::host {

// One plugin file's images. At least one of them is set.
struct Contender {
  ImagePtr running;    // null: the file is new
  ImagePtr candidate;  // null: the file did not change
};

struct Choice {
  enum class Pick { kRunning, kCandidate, kNone };
  Pick pick = Pick::kNone;
  std::string reason;  // when a candidate, or what ran, was not picked
};

struct Selection {
  std::vector<Choice> choices;  // one for each contender
  Topology topology;            // of what was picked; free of errors
};

// Deterministic: what runs wins over what is new, of two new ones the earlier contender wins. What runs is left out
// only when something it needs is gone whatever is picked.
Selection select(const std::vector<Contender>& contenders);

}  // namespace eddy::host
