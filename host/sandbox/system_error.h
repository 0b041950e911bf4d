// SPDX-License-Identifier: Apache-2.0
// What the system has refused, as an error.
#pragma once

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "base/result.h"

namespace eddy::host {

// "zygote: cannot watch a process: Too many open files"
inline Error cannot(std::string_view who, std::string_view what, int number = errno) {
  return {Code::kUnavailable, std::string(who) + ": cannot " + std::string(what) + ": " + std::strerror(number)};
}

}  // namespace eddy::host
