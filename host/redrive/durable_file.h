// SPDX-License-Identifier: Apache-2.0
// A small file that is there whole or not at all, also after a power cut.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace eddy::host {

// Replaces `path`; its directory must exist. kUnavailable: says what failed.
Result<void> write_durably(const std::string& path, std::string_view text);

}  // namespace eddy::host
