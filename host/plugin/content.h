// SPDX-License-Identifier: Apache-2.0
// Step "read": the whole file in memory, as it was at one time. All later steps look at this copy alone.
#pragma once

#include <string>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace eddy::host {

// Refuses (for now) a file that changes while it is read.
Result<std::string> read_content(const FileDescriptor& fd);

}  // namespace eddy::host
