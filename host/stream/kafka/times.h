// SPDX-License-Identifier: Apache-2.0
// Lengths of time, and how librdkafka takes them.
#pragma once

#include <chrono>
#include <cstdint>

namespace eddy::host::kafka {

// How long the cluster is waited for, by who cannot go on without it, and by who can.
inline constexpr std::chrono::milliseconds kPatience{10'000};
inline constexpr std::chrono::milliseconds kShortPatience{2000};

inline constexpr std::int64_t kMillisecondsPerDay = 86'400'000;

inline int ms(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

}  // namespace eddy::host::kafka
