// SPDX-License-Identifier: Apache-2.0
// What kind of file the first bytes say it is.
#pragma once

#include <string_view>

#include "base/result.h"

namespace eddy::host {

// Step "elf": a 64-bit little-endian shared object for the machine this host was built for, or a refusal that says
// what it is instead.
Result<void> check_kind(std::string_view bytes);

}  // namespace eddy::host
