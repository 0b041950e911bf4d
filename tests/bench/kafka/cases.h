// SPDX-License-Identifier: Apache-2.0
// Cases measured in turns, each beside its baselines.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace eddy::bench {

// A run that goes on by itself; the destructor ends it.
class Run {
 public:
  virtual ~Run() = default;
  virtual std::uint64_t done() = 0;  // records whose unit is committed
};

struct Case {
  std::string name;
  std::vector<std::string> baselines;
  std::function<std::unique_ptr<Run>(const std::string& run)> start;  // `run`: a name never used before
  std::vector<double> rates{}, cpus{};                                // of each round
};

// All cases in turns. A run is measured from its first committed unit to its last: joining a group is not the record
// path. CPU is of this process alone.
void measure(std::vector<Case>& cases, std::uint64_t records, int rounds);

// Medians; and of each baseline the median ratio of the rounds, in which a pair ran on the same machine.
void print(const std::vector<Case>& cases);

}  // namespace eddy::bench
