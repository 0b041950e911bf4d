// SPDX-License-Identifier: Apache-2.0
// Step "open": the file itself, beneath its directory, through no link, and in nobody else's hands.
#pragma once

#include <string>

#include "base/result.h"
#include "plugin/file_descriptor.h"

namespace eddy::host {

inline constexpr std::uint64_t kLargestPlugin = 64u << 20;

// `any_place`: follow links and leave owner, mode and directory out; a regular file of a sane size is still asked for.
// Everything but the directory is checked on the descriptor, so that a swapped file cannot slip in between.
Result<FileDescriptor> open_in_place(const std::string& path, bool any_place);

}  // namespace eddy::host
