// SPDX-License-Identifier: Apache-2.0
// What the programs that measure whole runs share.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <vector>

namespace eddy::bench {

// User and system, of whom getrusage(2) means.
inline double cpu_seconds_of(__rusage_who who) {
  rusage usage{};
  getrusage(who, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Of all threads of this process.
inline double cpu_seconds() { return cpu_seconds_of(RUSAGE_SELF); }

// And of children that have ended.
inline double cpu_seconds_of_all() { return cpu_seconds() + cpu_seconds_of(RUSAGE_CHILDREN); }

// `values` must not be empty.
inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace eddy::bench
