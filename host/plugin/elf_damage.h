// SPDX-License-Identifier: Apache-2.0
// How step "elf" says that a file is not what its linker wrote.
#pragma once

#include <string_view>

#include "plugin/refusal.h"

namespace eddy::host {

inline Error damaged(std::string_view expected, std::string_view found) {
  return refuse("elf", expected, found, "copy it again, and move it into place when it is whole");
}

}  // namespace eddy::host
