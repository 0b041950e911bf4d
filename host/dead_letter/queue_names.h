// SPDX-License-Identifier: Apache-2.0
// Names of queues that nobody declares.
#pragma once

#include <string>
#include <string_view>

namespace eddy::host {

inline constexpr const char* kDefaultQueue = "eddy_dead_letters";  // of functions that name none
inline constexpr const char* kParkedSuffix = ".parked";            // of a queue: what has failed too often

// The queue whose letters are there: of a parked queue's name the queue that it belongs to.
inline std::string base_queue(std::string_view name) {
  const std::string_view parked = kParkedSuffix;
  return std::string(name.ends_with(parked) ? name.substr(0, name.size() - parked.size()) : name);
}

}  // namespace eddy::host
