// SPDX-License-Identifier: Apache-2.0
// The host's metrics, served from the counters of all workers at scrape time.
#pragma once

#include <prometheus/metric_family.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "metrics/counters.h"

namespace eddy::host {

// What is read at scrape time and not counted by a worker.
struct QueueGauge {
  std::string queue;
  std::uint64_t depth = 0;  // letters not yet passed by every function over the queue; all held, when there is none
  double oldest_seconds = 0;
};
struct LagGauge {
  std::string function, stream;
  std::uint32_t partition = 0;
  std::uint64_t lag = 0;
};
struct PluginGauge {
  std::string plugin, version, build_id;
  std::string state;  // running, refused, quarantined, removed
};
struct PolicyGauge {
  std::string function;
  int breaker_state = 0;                                   // 0 closed, 1 half-open, 2 open
  std::uint64_t backlog_in_place = 0, backlog_stream = 0;  // records that wait for their next attempt
};
struct Gauges {
  std::vector<QueueGauge> queues;
  std::vector<LagGauge> lags;
  std::vector<PluginGauge> plugins;
  std::vector<PolicyGauge> policies;  // one for each function
  std::uint64_t plugin_images = 0;    // mapped in this process, for good
  bool ready = true;                  // what /readyz says
};

// What one function, or one table, has ended since the process began.
struct Processed {
  std::uint64_t delivered = 0;
  std::uint64_t filtered = 0;
  std::uint64_t dead_lettered = 0;
  Processed& operator+=(const Processed& more);
};
using ProcessedByName = std::map<std::string, Processed>;

// Thread-safe.
class Metrics {
 public:
  Metrics(std::string version, std::string revision);
  ~Metrics();

  // Where a worker's counters are shown. Series start at 0 as soon as they are known. The counters live on after the
  // worker: a counter never goes back while the process runs.
  struct WorkerLabels {
    std::string function;
    std::string queue;                 // where its dead letters go
    std::string source = "transform";  // kApiSource: an API's dead letters, and nothing else
    std::string recovers{};            // the queue it recovers from; empty: it is no recovery
    std::string table{};               // the table it feeds: no function, its calls are writes; empty: none
  };
  std::shared_ptr<WorkerCounters> worker(const WorkerLabels& labels);

  // Of an ingest API, for as long as this object: an API that comes back goes on counting.
  std::shared_ptr<ApiCounters> api(const std::string& name);

  void plugin_load(const std::string& plugin,
                   const std::string& result);  // one of those in exposition.cc

  void config_reload(bool ok);

  // Called at each scrape, on the scraping thread.
  void set_gauges(std::function<Gauges()> source);

  // By function, and by table as the metrics name it.
  ProcessedByName processed() const;

  // What was written to one of those who are sent the metrics ("dogstatsd", "emf"), or could not be: packets or lines.
  void pushed(const std::string& target, bool ok, std::uint64_t count = 1);

  // Prometheus text format 0.0.4.
  std::string scrape() const;
  // The same as families, for those who write them in another form.
  std::vector<prometheus::MetricFamily> collect() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace eddy::host
