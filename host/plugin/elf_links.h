// SPDX-License-Identifier: Apache-2.0
// What a shared object is tied to: versions, relocations, names, functions that run by themselves. The loader of the
// system uses them as they stand; what is wrong here it would write over the host's memory, call, or die of.
#pragma once

#include "base/result.h"
#include "plugin/elf.h"

namespace eddy::host {

// Step "elf": every table of the dynamic segment, entry by entry. After check_layout().
Result<void> check_links(const Elf& elf);

}  // namespace eddy::host
