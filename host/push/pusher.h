// SPDX-License-Identifier: Apache-2.0
// Sends the metrics to those who do not scrape: a thread for each of them, which takes a snapshot every so often.
#pragma once

#include <functional>
#include <memory>

#include "metrics/metrics.h"
#include "push/deltas.h"
#include "settings/push_settings.h"

namespace eddy::host::push {

// Sends one snapshot. [its own thread]
using Target = std::function<void()>;

// `deltas` and `metrics` must outlive it.
Target dogstatsd_target(const DogStatsdSettings& settings, Metrics& metrics, Deltas& deltas);
Target emf_target(const EmfSettings& settings, Metrics& metrics, Deltas& deltas);

// Not thread-safe.
class Pusher {
 public:
  // Nothing is sent yet. `metrics` must outlive it.
  explicit Pusher(Metrics& metrics);
  ~Pusher();  // sends a last snapshot, then stops

  // Sends as these say from now on; what was counted and not sent goes the new way, nothing goes twice.
  void apply(const PushSettings& settings);

 private:
  class Every;

  Metrics& metrics_;
  PushSettings settings_;
  Deltas to_dogstatsd_{Histograms::kValues};
  Deltas to_emf_{Histograms::kSummary};
  std::unique_ptr<Every> dogstatsd_, emf_;  // last: they use all of the above
};

}  // namespace eddy::host::push
