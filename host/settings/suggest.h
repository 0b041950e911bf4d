// SPDX-License-Identifier: Apache-2.0
// The name that was probably meant.
#pragma once

#include <span>
#include <string_view>

namespace eddy::host {

// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The known name nearest to `name`, or one that begins with it; empty when more than a third of the letters differ.
std::string_view nearest(std::string_view name, std::span<const std::string_view> known);

}  // namespace eddy::host
