// SPDX-License-Identifier: Apache-2.0
#include "metrics/exposition.h"

#include <algorithm>
#include <numeric>

#include "metrics/families.h"

namespace eddy::host {
namespace {

using prometheus::MetricType;
using Families = std::vector<prometheus::MetricFamily>;
using Workers = std::vector<Snapshot::Worker>;

constexpr const char* kOutcomes[] = {"delivered", "filtered", "dead_lettered"};
constexpr const char* kRows[] = {"written", "skipped", "refused"};  // by Outcome
constexpr const char* kIngested[] = {"accepted", "dead_lettered", "not_durable"};
constexpr const char* kFaults[] = {"exception", "signal", "timeout", "killed"};
constexpr const char* kRecoveries[] = {"recovered", "skipped", "failed"};
constexpr const char* kRetryModes[] = {"in_place", "stream"};
constexpr const char* kDropReasons[] = {"sample", "cap"};
constexpr const char* kLoadResults[] = {"loaded",      "refused",  "removed", "fault_copy", "isolated",
                                        "quarantined", "released", "canary",  "promoted",   "rolled_back"};
constexpr const char* kPluginStates[] = {"running", "refused", "quarantined", "removed"};

// Sums of the workers that have the same value under `label`; without one they are left out.
std::map<std::string, Totals> sums_by(const Workers& workers, std::string Metrics::WorkerLabels::*label) {
  std::map<std::string, Totals> sums;
  for (const auto& [labels, totals] : workers) {
    if (!(labels.*label).empty()) sums[labels.*label].add(totals);
  }
  return sums;
}

std::map<std::string, Totals> sums_by_function(Workers workers) {
  std::erase_if(workers, [](const Snapshot::Worker& worker) { return !worker.labels.table.empty(); });
  return sums_by(workers, &Metrics::WorkerLabels::function);
}

void add_functions(Families& out, const Workers& workers) {
  Family records("eddy_records_total", "Records that a function has ended, by how they ended.", MetricType::Counter);
  Family faults("eddy_call_faults_total", "Calls that did not return normally, by kind.", MetricType::Counter);
  Family deaths("eddy_worker_process_deaths_total",
                "Worker processes of a function that died, or were ended for a fault, and were replaced.",
                MetricType::Counter);
  Family backoffs("eddy_worker_process_backoffs_total",
                  "Worker processes that were started later, because those before them had died too soon after one "
                  "another.",
                  MetricType::Counter);
  Family retries("eddy_retries_total", "Failed calls whose record gets another attempt, by how it waits.",
                 MetricType::Counter);
  Family seconds("eddy_call_seconds", "Time of a call of a function, sampled.", MetricType::Histogram);
  for (const auto& [function, totals] : sums_by_function(workers)) {
    for (std::size_t i = 0; i < std::size(kOutcomes); ++i) {
      records.counter({{"function", function}, {"outcome", kOutcomes[i]}}, totals.outcomes[i]);
    }
    for (std::size_t i = 0; i < std::size(kFaults); ++i) {
      faults.counter({{"function", function}, {"kind", kFaults[i]}}, totals.faults[i]);
    }
    for (std::size_t i = 0; i < std::size(kRetryModes); ++i) {
      retries.counter({{"function", function}, {"mode", kRetryModes[i]}}, totals.retries[i]);
    }
    deaths.counter({{"function", function}}, totals.process_deaths);
    backoffs.counter({{"function", function}}, totals.process_backoffs);
    seconds.histogram({{"function", function}}, totals.call_seconds);
  }
  out.push_back(records.take());
  out.push_back(faults.take());
  out.push_back(deaths.take());
  out.push_back(backoffs.take());
  out.push_back(retries.take());
  out.push_back(seconds.take());
}

void add_dropped(Families& out, const Workers& workers) {
  std::map<std::pair<std::string_view, std::string_view>, std::array<std::uint64_t, 2>> counts;
  for (const auto& [labels, totals] : workers) {
    if (labels.queue.empty() || labels.source == kApiSource) continue;  // an API keeps all
    auto& dropped = counts[{labels.queue, labels.function}];
    for (std::size_t i = 0; i < dropped.size(); ++i) dropped[i] += totals.dropped[i];
  }
  Family family("eddy_dead_letters_dropped_total",
                "Dead letters that were counted and not kept: by the share that is sampled, or above the cap.",
                MetricType::Counter);
  for (const auto& [key, dropped] : counts) {
    for (std::size_t i = 0; i < dropped.size(); ++i) {
      family.counter({{"queue", key.first}, {"function", key.second}, {"reason", kDropReasons[i]}}, dropped[i]);
    }
  }
  out.push_back(family.take());
}

void add_dead_letters(Families& out, const Workers& workers) {
  using Key = std::array<std::string_view, 4>;
  std::map<Key, std::uint64_t> counts;
  for (const auto& [labels, totals] : workers) {
    if (labels.queue.empty()) continue;
    for (const auto& [type, count] : totals.dead_letters) {
      counts[{labels.queue, labels.function, labels.source, type}] += count;
    }
  }
  Family letters(
      "eddy_dead_letters_total",
      "Dead letters written, by what failed: a function, a table's feed, or an ingest API, which is no function.",
      MetricType::Counter);
  for (const auto& [key, count] : counts) {
    letters.counter({{"queue", key[0]}, {"function", key[1]}, {"source", key[2]}, {"error_type", key[3]}}, count);
  }
  out.push_back(letters.take());
  add_dropped(out, workers);

  Family failures("eddy_dead_letter_write_failures_total",
                  "Attempts to write dead letters that failed; the function waits.", MetricType::Counter);
  for (const auto& [queue, totals] : sums_by(workers, &Metrics::WorkerLabels::queue)) {
    failures.counter({{"queue", queue}}, totals.write_failures);
  }
  out.push_back(failures.take());
}

void add_queues(Families& out, const std::vector<QueueGauge>& queues) {
  Family depth(
      "eddy_dead_letter_queue_depth",
      "Open dead letters that not every function over the queue has passed; all open ones, when there is none.",
      MetricType::Gauge);
  Family oldest("eddy_dead_letter_oldest_seconds", "Age of the oldest of them; 0 when there is none.",
                MetricType::Gauge);
  for (const auto& queue : queues) {
    depth.gauge({{"queue", queue.queue}}, static_cast<double>(queue.depth));
    oldest.gauge({{"queue", queue.queue}}, queue.oldest_seconds);
  }
  out.push_back(depth.take());
  out.push_back(oldest.take());
}

void add_recoveries(Families& out, const Workers& workers) {
  Family outcomes("eddy_recoveries_total",
                  "Dead letters that a recovery function or a redrive has ended, by how they ended.",
                  MetricType::Counter);
  Family ratio("eddy_recovery_success_ratio", "Recovered over all ended dead letters; 0 before the first.",
               MetricType::Gauge);
  Family seconds("eddy_recovery_seconds", "Time from a dead letter to its recovery.", MetricType::Histogram);
  for (const auto& [queue, totals] : sums_by(workers, &Metrics::WorkerLabels::recovers)) {
    const auto& ended = totals.recoveries;
    for (std::size_t i = 0; i < std::size(kRecoveries); ++i) {
      outcomes.counter({{"queue", queue}, {"outcome", kRecoveries[i]}}, ended[i]);
    }
    const std::uint64_t all = std::accumulate(ended.begin(), ended.end(), std::uint64_t{0});
    ratio.gauge({{"queue", queue}}, all == 0 ? 0.0 : static_cast<double>(ended[0]) / static_cast<double>(all));
    seconds.histogram({{"queue", queue}}, totals.recovery_seconds);
  }
  out.push_back(outcomes.take());
  out.push_back(ratio.take());
  out.push_back(seconds.take());
}

void add_tables(Families& out, const Workers& workers) {
  Family rows("eddy_table_rows_total", "Records for a table, by what became of them.", MetricType::Counter);
  Family seconds("eddy_table_write_seconds", "Time of a batch's transaction.", MetricType::Histogram);
  for (const auto& [table, totals] : sums_by(workers, &Metrics::WorkerLabels::table)) {
    for (std::size_t i = 0; i < std::size(kRows); ++i) {
      rows.counter({{"table", table}, {"result", kRows[i]}}, totals.outcomes[i]);
    }
    seconds.histogram({{"table", table}}, totals.call_seconds);
  }
  out.push_back(rows.take());
  out.push_back(seconds.take());
}

void add_apis(Families& out, const std::vector<std::pair<std::string, ApiTotals>>& apis) {
  Family requests("eddy_ingest_requests_total", "Requests to an ingest API, by the status of their answer.",
                  MetricType::Counter);
  Family records("eddy_ingest_records_total", "Records that came in, by what became of them.", MetricType::Counter);
  Family seconds("eddy_ingest_seconds", "Time from a request's first byte to its answer.", MetricType::Histogram);
  for (const auto& [api, totals] : apis) {
    auto by_code = totals.requests;
    by_code.try_emplace(200, 0);
    for (const auto& [code, count] : by_code) {
      requests.counter({{"api", api}, {"code", std::to_string(code)}}, count);
    }
    for (std::size_t i = 0; i < std::size(kIngested); ++i) {
      records.counter({{"api", api}, {"result", kIngested[i]}}, totals.records[i]);
    }
    seconds.histogram({{"api", api}}, totals.seconds);
  }
  out.push_back(requests.take());
  out.push_back(records.take());
  out.push_back(seconds.take());
}

void add_lags(Families& out, const std::vector<LagGauge>& lags) {
  Family lag("eddy_consumer_lag", "Records of a partition that a function has not ended yet.", MetricType::Gauge);
  for (const auto& one : lags) {
    lag.gauge({{"function", one.function}, {"stream", one.stream}, {"partition", std::to_string(one.partition)}},
              static_cast<double>(one.lag));
  }
  out.push_back(lag.take());
}

void add_policies(Families& out, const std::vector<PolicyGauge>& policies) {
  Family backlog("eddy_retry_backlog", "Records that wait for their next attempt, by how they wait.",
                 MetricType::Gauge);
  Family state("eddy_breaker_state", "Circuit breaker of a function: 0 closed, 1 half-open, 2 open.",
               MetricType::Gauge);
  for (const auto& one : policies) {
    backlog.gauge({{"function", one.function}, {"mode", kRetryModes[0]}}, static_cast<double>(one.backlog_in_place));
    backlog.gauge({{"function", one.function}, {"mode", kRetryModes[1]}}, static_cast<double>(one.backlog_stream));
    state.gauge({{"function", one.function}}, one.breaker_state);
  }
  out.push_back(backlog.take());
  out.push_back(state.take());
}

void add_plugins(Families& out, const Snapshot& now) {
  std::map<std::string, std::set<std::string>> states;
  std::set<std::array<std::string, 3>> builds;
  for (const auto& plugin : now.gauges.plugins) {
    states[plugin.plugin].insert(plugin.state);
    builds.insert({plugin.plugin, plugin.version, plugin.build_id});
  }
  auto loads = now.plugin_loads;
  std::set<std::string> names;
  for (const auto& entry : loads) names.insert(entry.first.first);
  for (const auto& entry : states) names.insert(entry.first);

  Family info("eddy_plugin_info", "Plugins that are known, always 1.", MetricType::Gauge);
  for (const auto& [name, version, build_id] : builds) {
    info.gauge({{"plugin", name}, {"version", version}, {"build_id", build_id}}, 1);
  }
  Family state("eddy_plugin_state", "1 for the state that a plugin is in, 0 for the others.", MetricType::Gauge);
  for (const auto& [name, in] : states) {
    for (const char* one : kPluginStates) state.gauge({{"plugin", name}, {"state", one}}, in.contains(one) ? 1 : 0);
  }
  Family total("eddy_plugin_loads_total", "Plugin files that were taken up or left, by result.", MetricType::Counter);
  for (const auto& name : names) {
    for (const char* result : kLoadResults) loads.try_emplace({name, result}, 0);
  }
  for (const auto& [key, count] : loads) total.counter({{"plugin", key.first}, {"result", key.second}}, count);
  out.push_back(info.take());
  out.push_back(state.take());
  out.push_back(total.take());
  Family images("eddy_plugin_images", "Images of plugins that this process has mapped; none is given back.",
                MetricType::Gauge);
  images.gauge({}, static_cast<double>(now.gauges.plugin_images));
  out.push_back(images.take());
}

void add_host(Families& out, const Snapshot& now) {
  Family reloads("eddy_config_reloads_total", "Reloads of the configuration, by result.", MetricType::Counter);
  reloads.counter({{"result", "failed"}}, now.config_reloads[0]);
  reloads.counter({{"result", "ok"}}, now.config_reloads[1]);
  out.push_back(reloads.take());
  Family pushed("eddy_push_total", "Packets or lines of metrics that were sent to somebody, by result.",
                MetricType::Counter);
  for (const auto& [target, counts] : now.pushed) {
    pushed.counter({{"target", target}, {"result", "failed"}}, counts[0]);
    pushed.counter({{"target", target}, {"result", "sent"}}, counts[1]);
  }
  out.push_back(pushed.take());
  Family ready("eddy_ready", "1 when /readyz says so, 0 when it has a reason not to.", MetricType::Gauge);
  ready.gauge({}, now.gauges.ready ? 1 : 0);
  out.push_back(ready.take());
  Family build("eddy_build_info", "The host's version, always 1.", MetricType::Gauge);
  build.gauge({{"version", now.version}, {"revision", now.revision}}, 1);
  out.push_back(build.take());
}

void add_process(Families& out, const ProcessFigures& process) {
  const auto gauge = [&](const char* name, const char* help, double value) {
    Family family(name, help, MetricType::Gauge);
    family.gauge({}, value);
    out.push_back(family.take());
  };
  gauge("process_start_time_seconds", "When this run of the process began, in seconds since 1970.",
        process.start_time_seconds);
  gauge("process_resident_memory_bytes", "Resident memory of the process.",
        static_cast<double>(process.resident_bytes));
  gauge("process_open_fds", "Open file descriptors of the process.", static_cast<double>(process.open_fds));
  gauge("process_max_fds", "Most file descriptors that the process may have open.",
        static_cast<double>(process.max_fds));
  Family cpu("process_cpu_seconds_total", "Processor time of the process, user and system.", MetricType::Counter);
  cpu.counter({}, process.cpu_seconds);
  out.push_back(cpu.take());
}

}  // namespace

Families expose(const Snapshot& now) {
  Families out;
  add_functions(out, now.workers);
  add_dead_letters(out, now.workers);
  add_queues(out, now.gauges.queues);
  add_recoveries(out, now.workers);
  add_tables(out, now.workers);
  add_apis(out, now.apis);
  add_lags(out, now.gauges.lags);
  add_policies(out, now.gauges.policies);
  add_plugins(out, now);
  add_host(out, now);
  add_process(out, now.process);
  // A family without series would be a name with nothing to say.
  std::erase_if(out, [](const prometheus::MetricFamily& family) { return family.metric.empty(); });
  return out;
}

}  // namespace eddy::host
