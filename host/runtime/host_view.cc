// SPDX-License-Identifier: Apache-2.0
#include "runtime/host_view.h"

#include <algorithm>

#include "function/runner.h"
#include "plugin/load.h"
#include "runtime/standing.h"

namespace eddy::host {

Result<std::map<std::uint32_t, Position>> open_positions(const std::string& queue, const Topology& topology,
                                                         Transport& transport) {
  std::map<std::uint32_t, Position> open;
  bool read = false;
  for (const auto& [name, function] : topology.functions) {
    if (function.decl->source != queue) continue;
    read = true;
    EDDY_ASSIGN(const auto positions, transport.positions(group_of(name), queue));
    for (const Position& position : positions) {
      auto [at, first] = open.try_emplace(position.partition, position);
      if (!first) at->second.committed = std::min(at->second.committed, position.committed);
    }
  }
  if (read) return open;
  EDDY_ASSIGN(const auto positions, transport.positions("", queue));
  for (Position position : positions) {
    position.committed = position.begin;
    open.emplace(position.partition, position);
  }
  return open;
}

namespace {

void add_lags(Gauges& gauges, const std::string& name, const std::string& stream,
              const std::vector<Position>& positions) {
  for (const Position& position : positions) {
    gauges.lags.push_back({name, stream, position.partition, lag_of(position)});
  }
}

}  // namespace

Result<QueueDepth> queue_depth(const std::string& queue, const Topology& topology, Transport& transport) {
  EDDY_ASSIGN(const auto open, open_positions(queue, topology, transport));
  EDDY_ASSIGN(const auto browser, transport.open_browser(queue));
  QueueDepth depth;
  for (const auto& [partition, position] : open) {
    const std::int64_t from = std::max(position.begin, position.committed);
    if (from >= position.end) continue;
    depth.letters += static_cast<std::uint64_t>(position.end - from);
    EDDY_ASSIGN(const auto first, browser->read(partition, from, 1));
    if (first.empty()) continue;
    const std::int64_t written = first.front().timestamp_us;
    depth.oldest_us = depth.oldest_us == 0 ? written : std::min(depth.oldest_us, written);
  }
  return depth;
}

namespace {

// What was recovered, sent back or closed is not open, though no function over the queue may have passed it.
QueueDepth open_of(QueueDepth depth, const std::string& queue, const std::vector<QueueSummary>* queues) {
  if (queues == nullptr) return depth;
  const auto known = std::ranges::find(*queues, queue, &QueueSummary::queue);
  if (known == queues->end()) return depth;
  depth.letters = std::min(depth.letters, known->letters[static_cast<std::size_t>(LetterState::kOpen)]);
  depth.oldest_us = depth.letters == 0 ? 0 : std::max(depth.oldest_us, known->oldest_open_us);
  return depth;
}

}  // namespace

Gauges collect_gauges(const HostView& view, Transport& transport, const std::vector<QueueSummary>* queues,
                      std::int64_t now_us) {
  Gauges gauges;
  for (const auto& [name, stream] : view.topology.streams) {
    if (!stream.queue) continue;
    const auto depth = queue_depth(name, view.topology, transport);
    if (!depth) continue;  // not created yet, or the store is in trouble: /readyz says which
    const QueueDepth open = open_of(*depth, name, queues);
    const double oldest = open.oldest_us == 0 ? 0 : static_cast<double>(now_us - open.oldest_us) * 1e-6;
    gauges.queues.push_back({name, open.letters, std::max(0.0, oldest)});
  }
  for (const auto& [name, stream] : view.feeds) {
    if (const auto standing = standing_of(transport, name, stream)) add_lags(gauges, name, stream, standing->source);
  }
  for (const auto& [name, function] : view.topology.functions) {
    const auto standing = standing_of(transport, name, function.decl->source);
    if (!standing) continue;
    add_lags(gauges, name, function.decl->source, standing->source);
    add_lags(gauges, name, redrive_stream_of(name), standing->redrives);
    const auto breaker = view.breakers.find(name);
    gauges.policies.push_back(
        {name, breaker != view.breakers.end() ? breaker->second : 0, standing->held(), standing->retry_lag()});
  }
  for (const PluginRecord& plugin : view.plugins) {
    gauges.plugins.push_back({name_of(plugin.status), plugin.status.identity.version, plugin.status.identity.build_id,
                              std::string(state_name(plugin.status.state))});
  }
  gauges.plugin_images = loaded_images();
  return gauges;
}

}  // namespace eddy::host
