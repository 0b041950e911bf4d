// SPDX-License-Identifier: Apache-2.0
// How a JSON text is built, before anything is built from it.
#pragma once

#include <string_view>

#include "base/result.h"

namespace eddy::host {

// nlohmann's values are copied, written and compared level by level on the stack, and its ordered objects look for each
// new name among all they have: a text of a megabyte can end the process, or take hours.
inline constexpr std::size_t kMostJsonLevels = 64;
inline constexpr std::size_t kMostJsonMembers = 1000;  // of one object

// kUsage: deeper or wider than this. Says nothing of whether it is JSON. One pass, no recursion.
Result<void> check_json_shape(std::string_view text);

}  // namespace eddy::host
