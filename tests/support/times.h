// SPDX-License-Identifier: Apache-2.0
// Times and lengths of time in tests, in microseconds.
#pragma once

#include <cstdint>

namespace eddy::host::test {

inline constexpr std::int64_t kSecond = 1'000'000;
inline constexpr std::int64_t kMinute = 60 * kSecond;
// 2023-11-14T22:13:20Z
inline constexpr std::int64_t kNow = 1'700'000'000 * kSecond;

}  // namespace eddy::host::test
