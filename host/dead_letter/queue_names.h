// SPDX-License-Identifier: Apache-2.0
// Names of queues that nobody declares.
#pragma once

namespace eddy::host {

inline constexpr const char* kDefaultQueue = "eddy_dead_letters";  // of functions that name none
inline constexpr const char* kParkedSuffix = ".parked";            // of a queue: what has failed too often

}  // namespace eddy::host
