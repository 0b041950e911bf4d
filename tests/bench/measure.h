// SPDX-License-Identifier: Apache-2.0
// What the programs that measure whole runs share.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <vector>

namespace eddy::bench {

// Of all threads of this process, user and system.
inline double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// `values` must not be empty.
inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace eddy::bench
