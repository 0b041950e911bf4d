// SPDX-License-Identifier: Apache-2.0
// Where the loader of the system will write into a shared object, and what.
#pragma once

#include "base/result.h"
#include "plugin/elf.h"

namespace eddy::host {

// Step "elf": every relocation is of a kind that plugins have, writes into a segment that is written, and names a
// symbol that is there; what it makes point into the image does so.
Result<void> check_relocations(const Elf& elf);

}  // namespace eddy::host
