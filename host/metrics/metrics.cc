// SPDX-License-Identifier: Apache-2.0
#include "metrics/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/text_serializer.h>

#include <set>
#include <tuple>

#include "base/clock.h"
#include "metrics/exposition.h"

namespace eddy::host {
namespace {

struct LabelsLess {
  bool operator()(const Metrics::WorkerLabels& a, const Metrics::WorkerLabels& b) const {
    return std::tie(a.function, a.queue, a.source, a.recovers, a.table) <
           std::tie(b.function, b.queue, b.source, b.recovers, b.table);
  }
};

// The workers of one set of labels: those that run, and what the others left.
struct Group {
  std::vector<std::shared_ptr<WorkerCounters>> workers;
  Totals left;

  // Moves the counts of workers that are gone into `left`, so that reloads do not add up in memory.
  void fold() {
    std::erase_if(workers, [&](const std::shared_ptr<WorkerCounters>& worker) {
      if (worker.use_count() != 1) return false;
      // use_count() orders nothing; dropping a reference does, so the worker's last counts are seen below.
      std::shared_ptr<WorkerCounters>(worker).reset();
      left.add(*worker);
      return true;
    });
  }

  Totals sum() const {
    Totals totals = left;
    for (const auto& worker : workers) totals.add(*worker);
    return totals;
  }
};

}  // namespace

struct Metrics::State final : prometheus::Collectable {
  std::string version, revision;
  const double started = static_cast<double>(SystemClock().now_us()) * 1e-6;
  mutable std::mutex mutex;
  mutable std::map<WorkerLabels, Group, LabelsLess> groups;
  mutable BoundedNames error_types{kMostErrorTypes, kOtherErrorType};
  std::map<std::pair<std::string, std::string>, std::uint64_t> plugin_loads;
  std::array<std::uint64_t, 2> config_reloads{};  // failed, ok
  std::map<std::string, std::shared_ptr<ApiCounters>> apis;
  std::map<std::string, std::array<std::uint64_t, 2>> pushed;  // failed, sent
  BoundedNames functions{kMostNames, kOtherName}, queues{kMostNames, kOtherName}, tables{kMostNames, kOtherName},
      api_names{kMostNames, kOtherName};
  mutable BoundedNames plugins{kMostPlugins, kOtherName};
  std::function<Gauges()> gauges;

  // Snapshot under the lock, everything else outside of it: the source of gauges may call back.
  Snapshot snapshot() const {
    Snapshot now{.version = version, .revision = revision};
    std::function<Gauges()> source;
    {
      const std::lock_guard lock(mutex);
      source = gauges;
      now.plugin_loads = plugin_loads;
      now.config_reloads = config_reloads;
      now.pushed = pushed;
      for (const auto& [name, counters] : apis) now.apis.emplace_back(name, ApiTotals(*counters));
      for (auto& [labels, group] : groups) {
        group.fold();
        now.workers.push_back({labels, group.sum()});
        bound_error_types(now.workers.back().totals);
      }
    }
    if (source) now.gauges = source();
    bound_plugins(now.gauges.plugins);
    now.process = read_process_figures();
    now.process.start_time_seconds = started;
    return now;
  }

  void bound_plugins(std::vector<PluginGauge>& all) const {
    const std::lock_guard lock(mutex);
    for (PluginGauge& plugin : all) {
      const std::string& label = plugins.label(plugin.plugin);
      if (label != plugin.plugin) plugin = {label, "", "", plugin.state};
    }
  }

  // [under the lock]
  WorkerLabels bounded(WorkerLabels labels) {
    const auto bound = [](std::string& name, BoundedNames& names) {
      if (!name.empty()) name = std::string(names.label(name));
    };
    bound(labels.function, functions);
    bound(labels.queue, queues);
    bound(labels.recovers, queues);
    bound(labels.table, tables);
    return labels;
  }

  void bound_error_types(Totals& totals) const {
    std::map<std::string, std::uint64_t> bounded;
    for (const std::string_view type : kHostErrorTypes) bounded[std::string(type)] = 0;
    for (const auto& [type, count] : totals.dead_letters) bounded[error_types.label(type)] += count;
    totals.dead_letters = std::move(bounded);
  }

  std::vector<prometheus::MetricFamily> Collect() const override { return expose(snapshot()); }
};

Metrics::Metrics(std::string version, std::string revision) : state_(std::make_unique<State>()) {
  state_->version = std::move(version);
  state_->revision = std::move(revision);
  for (const std::string_view type : kHostErrorTypes) (void)state_->error_types.label(std::string(type));
}

Metrics::~Metrics() = default;

std::shared_ptr<WorkerCounters> Metrics::worker(const WorkerLabels& labels) {
  auto counters = std::make_shared<WorkerCounters>();
  const std::lock_guard lock(state_->mutex);
  Group& group = state_->groups[state_->bounded(labels)];
  group.fold();
  group.workers.push_back(counters);
  return counters;
}

std::shared_ptr<ApiCounters> Metrics::api(const std::string& name) {
  const std::lock_guard lock(state_->mutex);
  auto& counters = state_->apis[state_->api_names.label(name)];
  if (counters == nullptr) counters = std::make_shared<ApiCounters>();
  return counters;
}

void Metrics::plugin_load(const std::string& plugin, const std::string& result) {
  const std::lock_guard lock(state_->mutex);
  ++state_->plugin_loads[{state_->plugins.label(plugin), result}];
}

void Metrics::config_reload(bool ok) {
  const std::lock_guard lock(state_->mutex);
  ++state_->config_reloads[ok ? 1 : 0];
}

void Metrics::pushed(const std::string& target, bool ok, std::uint64_t count) {
  const std::lock_guard lock(state_->mutex);
  state_->pushed[target][ok ? 1 : 0] += count;
}

void Metrics::set_gauges(std::function<Gauges()> source) {
  const std::lock_guard lock(state_->mutex);
  state_->gauges = std::move(source);
}

Processed& Processed::operator+=(const Processed& more) {
  delivered += more.delivered;
  filtered += more.filtered;
  dead_lettered += more.dead_lettered;
  return *this;
}

ProcessedByName Metrics::processed() const {
  ProcessedByName all;
  const std::lock_guard lock(state_->mutex);
  for (auto& [labels, group] : state_->groups) {
    if (labels.source == kApiSource) continue;
    group.fold();
    const auto outcomes = group.sum().outcomes;
    all[labels.table.empty() ? labels.function : labels.table] += {outcomes[0], outcomes[1], outcomes[2]};
  }
  return all;
}

std::vector<prometheus::MetricFamily> Metrics::collect() const { return state_->Collect(); }

std::string Metrics::scrape() const { return prometheus::TextSerializer().Serialize(state_->Collect()); }

}  // namespace eddy::host
