// SPDX-License-Identifier: Apache-2.0
// Where the parts of a shared object will lie in memory. The loader of the system follows what a file says about that
// and looks at little of it: what is wrong here it would map over the host's own memory, or die of.
#pragma once

#include "base/result.h"
#include "plugin/elf.h"

namespace eddy::host {

// Step "elf": segments in their order, apart, and around what they are said to be around.
Result<void> check_layout(const Elf& elf);

}  // namespace eddy::host
