// SPDX-License-Identifier: Apache-2.0
// From counted values to metric families: names, help texts, labels.
#pragma once

#include <prometheus/metric_family.h>

#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metrics/metrics.h"
#include "metrics/process.h"
#include "metrics/totals.h"

namespace eddy::host {

// Types that the host itself gives; their series exist from the start. All others come with their first dead letter.
inline constexpr std::array<std::string_view, 6> kHostErrorTypes = {"ValidationError", "ParseError",     "Timeout",
                                                                    "Killed",          "RecordTooLarge", "TableError"};

// The first `most` names keep their own label, all later ones share one.
class BoundedNames {
 public:
  BoundedNames(std::size_t most, std::string_view other) : most_(most), other_(other) {}

  const std::string& label(const std::string& name) {
    if (known_.size() < most_) known_.insert(name);
    return known_.contains(name) ? name : other_;
  }

 private:
  std::size_t most_;
  std::string other_;
  std::set<std::string> known_;
};

// All values of one scrape.
struct Snapshot {
  struct Worker {
    Metrics::WorkerLabels labels;
    Totals totals;
  };
  std::string version, revision;
  std::vector<Worker> workers{};                                                // one for each set of labels
  std::map<std::pair<std::string, std::string>, std::uint64_t> plugin_loads{};  // by plugin and result
  std::array<std::uint64_t, 2> config_reloads{};                                // failed, ok
  Gauges gauges{};
  std::vector<std::pair<std::string, ApiTotals>> apis{};
  std::map<std::string, std::array<std::uint64_t, 2>> pushed{};  // by target: failed, sent
  ProcessFigures process{};
};

std::vector<prometheus::MetricFamily> expose(const Snapshot& now);

}  // namespace eddy::host
