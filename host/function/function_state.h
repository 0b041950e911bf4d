// SPDX-License-Identifier: Apache-2.0
// What an instance of a function hands to the one that takes its place: eddy/ext/state.h.
#pragma once

#include <cstdint>
#include <string>

namespace eddy::host {

struct FunctionState {
  std::string plugin;    // only for the same
  std::string function;  // and the same
  std::uint32_t version = 0;
  std::string bytes;
};

}  // namespace eddy::host
