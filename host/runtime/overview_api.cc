// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "admin/schema.h"
#include "base/encoding.h"
#include "runtime/function_api.h"
#include "runtime/version.h"

namespace eddy::host {
namespace {

using Json = nlohmann::ordered_json;

Json troubles_json(const HostView& view, Survey& survey) {
  Json list = view.troubles;
  if (const std::string trouble = survey.trouble(); !trouble.empty()) list.push_back("streams: " + trouble);
  return list;
}

// Open breakers, plugins that do not run, or not as their file would have it: what the host lives with, and an operator
// should see.
Json warnings_json(const HostView& view) {
  Json list = Json::array();
  for (const auto& [function, state] : view.breakers) {
    if (state != 0) list.push_back("function " + function + ": its breaker is " + std::string(breaker_name(state)));
  }
  for (const PluginRecord& plugin : view.plugins) {
    const std::string& reason = plugin.status.reason;
    const bool runs = plugin.status.state == PluginStatus::State::kRunning;
    if ((runs && reason.empty()) || plugin.held) continue;
    list.push_back("plugin " + name_of(plugin.status) + ": " + std::string(state_name(plugin.status.state)) +
                   (reason.empty() ? "" : ": " + reason));
  }
  return list;
}

Json counts_json(const Processed& counts) {
  return {{"delivered", counts.delivered}, {"filtered", counts.filtered}, {"dead_lettered", counts.dead_lettered}};
}

Json rate_json(const Rate& rate) {
  return {{"delivered", rate.delivered}, {"filtered", rate.filtered}, {"dead_lettered", rate.dead_lettered}};
}

std::map<std::string, std::uint64_t> lags_of(const Gauges& gauges) {
  std::map<std::string, std::uint64_t> lags;
  for (const LagGauge& gauge : gauges.lags) lags[gauge.function] += gauge.lag;
  return lags;
}

Json functions_json(const HostView& view, const Gauges& gauges, const ProcessedByName& counts,
                    const std::map<std::string, Rate>& rates) {
  const auto lags = lags_of(gauges);
  Json list = Json::array();
  for (const auto& [name, function] : view.topology.functions) {
    const auto lag = lags.find(name);
    const auto breaker = view.breakers.find(name);
    const auto count = counts.find(name);
    const auto rate = rates.find(name);
    list.push_back({{"function", name},
                    {"runs", breaker != view.breakers.end()},
                    {"breaker", breaker_name(breaker != view.breakers.end() ? breaker->second : 0)},
                    {"lag", lag != lags.end() ? lag->second : 0},
                    {"since_start", counts_json(count != counts.end() ? count->second : Processed())},
                    {"per_second", rate_json(rate != rates.end() ? rate->second : Rate())}});
  }
  return list;
}

Json queues_json(const Gauges& gauges) {
  Json list = Json::array();
  for (const QueueGauge& gauge : gauges.queues) {
    list.push_back({{"queue", gauge.queue}, {"letters", gauge.depth}, {"oldest_seconds", gauge.oldest_seconds}});
  }
  return list;
}

Json plugins_json(const HostView& view) {
  Json list = Json::array();
  for (const PluginRecord& plugin : view.plugins) {
    list.push_back({{"plugin", name_of(plugin.status)},
                    {"version", plugin.status.identity.version},
                    {"state", state_name(plugin.status.state)},
                    {"quarantined", plugin.held.has_value()},
                    {"canary", plugin.canary.has_value()}});
  }
  return list;
}

Json overview_json(const WhatRuns& parts) {
  const auto view = parts.view.get();
  const Gauges gauges = parts.survey.gauges();
  const ProcessedByName counts = parts.metrics.processed();
  const auto rates = parts.rates.over_window(std::chrono::steady_clock::now(), counts);
  Processed all;
  for (const auto& [name, count] : counts) {
    if (view->topology.functions.contains(name)) all += count;
  }
  Rate per_second;
  for (const auto& [name, rate] : rates) {
    if (!view->topology.functions.contains(name)) continue;  // a table's rows are records of functions
    per_second.delivered += rate.delivered;
    per_second.filtered += rate.filtered;
    per_second.dead_lettered += rate.dead_lettered;
  }
  Json troubles = troubles_json(*view, parts.survey);
  return {{"ready", troubles.empty()},
          {"troubles", std::move(troubles)},
          {"warnings", warnings_json(*view)},
          {"version", kVersion},
          {"started_at", to_rfc3339(parts.started_us)},
          {"since_start", counts_json(all)},
          {"per_second", rate_json(per_second)},
          {"functions", functions_json(*view, gauges, counts, rates)},
          {"queues", queues_json(gauges)},
          {"plugins", plugins_json(*view)}};
}

Json overview_schema() {
  using namespace schema;
  const Json counts = object({{"delivered", integer()}, {"filtered", integer()}, {"dead_lettered", integer()}});
  const Json rates = object({{"delivered", number()}, {"filtered", number()}, {"dead_lettered", number()}});
  const Json breaker = choice({"closed", "half-open", "open"});
  const Json function = object({{"function", text()},
                                {"runs", boolean()},
                                {"breaker", breaker},
                                {"lag", integer()},
                                {"since_start", counts},
                                {"per_second", rates}});
  const Json queue = object({{"queue", text()},
                             {"letters", integer("Not yet passed by every function over the queue.")},
                             {"oldest_seconds", number()}});
  const Json plugin = object({{"plugin", text()},
                              {"version", text()},
                              {"state", text()},
                              {"quarantined", boolean()},
                              {"canary", boolean("A new build is being judged.")}});
  return object({{"ready", boolean("As /readyz says.")},
                 {"troubles", array(text(), "What keeps the host from being ready.")},
                 {"warnings", array(text(), "What it lives with: open breakers, plugins, or files, that do not run.")},
                 {"version", text()},
                 {"started_at", time()},
                 {"since_start", counts},
                 {"per_second", rates},
                 {"functions", array(function)},
                 {"queues", array(queue)},
                 {"plugins", array(plugin)}});
}

}  // namespace

void add_overview_route(AdminServer& admin, const WhatRuns& parts) {
  admin.route(
      {.path = "/api/v1/overview",
       .summary = "How the host is: what is wrong first, then rates, lags, breakers, queues, plugins",
       .description =
           "Totals are of all functions; rates are those of the last minute, or since the start if that is later.",
       .reply = overview_schema(),
       .handler = [parts](const ApiRequest&) { return json_reply(200, overview_json(parts)); }});
}

}  // namespace eddy::host
