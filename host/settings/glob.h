// SPDX-License-Identifier: Apache-2.0
// Names matched by patterns.
#pragma once

#include <string_view>

namespace eddy::host {

// `*` stands for any text, also none; `?` for one byte; everything else for itself.
bool glob_match(std::string_view pattern, std::string_view name);

}  // namespace eddy::host
