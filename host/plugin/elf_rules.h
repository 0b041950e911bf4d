// SPDX-License-Identifier: Apache-2.0
// Step "elf", second half: what a shared object may not have, however whole it is.
#pragma once

#include "base/result.h"
#include "plugin/elf.h"

namespace eddy::host {

// Memory rules (no W+X segment, no executable stack, no text relocations), linking rules (no interpreter, no library
// path of its own, not undeletable, no other sanitizer than the host's), symbol rules (no GNU_UNIQUE definition, the
// entry function exported), then all that the loader of the system follows without looking.
Result<void> check_rules(const Elf& elf);

}  // namespace eddy::host
