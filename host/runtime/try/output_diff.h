// SPDX-License-Identifier: Apache-2.0
// Outputs of two builds held against each other. JSON counts by its content, not by its spaces and the order of its
// members; other bytes count as they are. Pure.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/try/output.h"

namespace eddy::host {

// Members of output values that are left out: JSON pointers.
using Pointers = std::set<std::string>;

bool same_outputs(const std::vector<TryOutput>& before, const std::vector<TryOutput>& after, const Pointers& ignored);

// Where the values of two runs of the same build over the same record differ: a clock, a random number.
Pointers unstable_members(const std::vector<TryOutput>& first, const std::vector<TryOutput>& second);

// Both sides as lines, JSON with a line for each member, and the unified diff of these with three lines around each
// change; at most `most_lines` of it. `shown` is applied to each value first, and what is ignored is left out.
std::string unified_diff(const std::vector<TryOutput>& before, const std::vector<TryOutput>& after,
                         const Pointers& ignored, const std::function<std::string(std::string_view)>& shown,
                         std::size_t most_lines);

// The same for texts.
std::string unified_diff(const std::vector<std::string>& before, const std::vector<std::string>& after,
                         std::size_t most_lines);

}  // namespace eddy::host
