// SPDX-License-Identifier: Apache-2.0
// The state of the host as other threads see it: replaced whole, never changed.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "metrics/metrics.h"
#include "plugin/topology.h"
#include "runtime/plugin_life.h"
#include "settings/settings.h"
#include "stream/transport.h"
#include "triage/listing.h"

namespace eddy::host {

struct HostView {
  bool started = false;  // the plugin directory has been read
  std::shared_ptr<const Settings> settings = std::make_shared<const Settings>();
  Topology topology{};
  std::vector<PluginRecord> plugins{};
  std::map<std::string, std::string> feeds{};                // of tables: name, and the stream it reads
  std::map<std::string, int> breakers{};                     // by function, as eddy_breaker_state
  std::map<std::string, std::vector<std::string>> redact{};  // JSON pointers that are masked, by stream
  std::vector<std::string> troubles{};                       // what keeps the host from being ready, one line each
};

// Written by the control thread, read by any.
class HostViewBox {
 public:
  void set(HostView view) {
    auto next = std::make_shared<const HostView>(std::move(view));
    const std::lock_guard lock(mutex_);
    current_ = std::move(next);
  }
  std::shared_ptr<const HostView> get() const {
    const std::lock_guard lock(mutex_);
    return current_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const HostView> current_ =
      std::make_shared<const HostView>(HostView{.troubles = {"starting: the plugin directory has not been read yet"}});
};

// What a scrape shows beside the workers' counters: depths, lags, plugin states.
// `queues`: what is known of the states of letters; may be null.
Gauges collect_gauges(const HostView& view, Transport& transport, const std::vector<QueueSummary>* queues,
                      std::int64_t now_us);

// Of each partition of a queue the letters that some function over it has still to pass, from `committed` on; all held
// when no function reads the queue.
Result<std::map<std::uint32_t, Position>> open_positions(const std::string& queue, const Topology& topology,
                                                         Transport& transport);

// Letters of a queue that no function over it has passed yet, and the time of the oldest of them.
struct QueueDepth {
  std::uint64_t letters = 0;
  std::int64_t oldest_us = 0;  // 0: none
};
Result<QueueDepth> queue_depth(const std::string& queue, const Topology& topology, Transport& transport);

}  // namespace eddy::host
