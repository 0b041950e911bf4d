// SPDX-License-Identifier: Apache-2.0
// What a unit of work will have counted, once it is committed.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metrics/counters.h"

namespace eddy::host {

// Raised record by record, handed to the worker's counters by commit(), forgotten by abort(). Faults are counted at
// once: they happened, whatever becomes of the unit. Not thread-safe.
class UnitCounts {
 public:
  explicit UnitCounts(WorkerCounters& counters) : counters_(counters) {}

  // A record that moved on to its retry stream is counted where it ends.
  void outcome(Outcome outcome) {
    if (outcome != Outcome::kMoved) ++outcomes_[static_cast<std::size_t>(outcome)];
  }
  void retry(Retried mode) { ++retries_[static_cast<std::size_t>(mode)]; }
  void dropped(Dropped why) { ++dropped_[static_cast<std::size_t>(why)]; }
  void recovery(Recovery recovery) { ++recoveries_[static_cast<std::size_t>(recovery)]; }
  void recovered_after(double seconds) { recovery_seconds_.push_back(seconds); }
  void dead_letter(std::string_view error_type);
  void fault(FaultKind kind) { counters_.faults[static_cast<std::size_t>(kind)].add(); }
  WorkerCounters& counters() { return counters_; }

  void commit();
  void abort();

 private:
  WorkerCounters& counters_;
  std::array<std::uint64_t, 3> outcomes_{};
  std::array<std::uint64_t, 3> recoveries_{};
  std::array<std::uint64_t, 2> retries_{};
  std::array<std::uint64_t, 2> dropped_{};
  std::vector<double> recovery_seconds_;
  std::vector<std::pair<std::string, std::uint64_t>> dead_letters_;  // few types a unit: a list beats a map
};

}  // namespace eddy::host
