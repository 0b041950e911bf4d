// SPDX-License-Identifier: Apache-2.0
// Dead letters of many causes over a month, in an embedded store.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "stream/transport.h"

namespace eddy::bench {

inline constexpr std::int64_t kNow = 1'764'352'800'000'000;  // 2025-11-28T18:00:00Z
inline constexpr std::int64_t kHour = 3'600'000'000;
inline constexpr std::int64_t kDay = 24 * kHour;
inline constexpr const char* kQueue = "OrdersDLQ";

// A store with `letters` of them in `groups`, made where it is not there yet: the same each time. Causes come up again
// and again over all of the thirty days before kNow; letters stand in the order of their failures.
std::unique_ptr<host::Transport> open_heap(const std::string& folder, std::size_t letters, std::size_t groups);

}  // namespace eddy::bench
