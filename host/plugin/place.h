// SPDX-License-Identifier: Apache-2.0
// Step "open": the file itself, beneath its directory, through no link, and in nobody else's hands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace eddy::host {

inline constexpr std::uint64_t kLargestPlugin = 64u << 20;

// What a file is to be, for its limit and for the sentences about it.
struct FileShape {
  std::uint64_t largest = 0;
  std::string_view expected;  // "a shared object"
  std::string_view limit;     // "at most 64 MiB"
  std::string_view advice;    // for one over the limit
};
inline constexpr FileShape kPluginShape{kLargestPlugin, "a shared object", "at most 64 MiB",
                                        "strip its debug information into a file of its own"};

// `any_place`: follow links and leave owner, mode and directory out; a regular file of a sane size is still asked for.
// Everything but the directory is checked on the descriptor, so that a swapped file cannot slip in between.
Result<FileDescriptor> open_in_place(const std::string& path, bool any_place, const FileShape& shape = kPluginShape);

// A file that the configuration names: links are followed; its owner and mode are checked all the same.
Result<FileDescriptor> open_in_hands(const std::string& path, const FileShape& shape);

}  // namespace eddy::host
