// SPDX-License-Identifier: Apache-2.0
#include "cli/check_kafka.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "function/runner.h"

namespace eddy::host {

namespace {

std::chrono::milliseconds longest_pause(const FunctionSettings& settings) {
  double longest = 0;
  if (settings.retry.max_attempts > 1) longest = settings.retry.max_interval_ms * (1 + settings.retry.jitter);
  if (settings.breaker.enabled()) longest = std::max<double>(longest, settings.breaker.reset_timeout_ms);
  return std::chrono::milliseconds(std::llround(longest));
}

KafkaFunctionUse function_use(const std::string& name, const BoundFunction& bound) {
  KafkaFunctionUse use;
  use.function = name;
  use.groups = {group_of(name)};
  if (bound.binding->retry) use.groups.push_back(retry_group_of(name));
  use.source = bound.shape.source;
  for (const Destination& destination : bound.binding->destinations) use.destinations.push_back(destination.name);
  use.queue = bound.binding->queue;
  use.exactly_once = !bound.shape.at_least_once;
  use.longest_pause = longest_pause(bound.binding->settings);
  return use;
}

// By name: what the host reads, and what it writes.
struct Traffic {
  std::set<std::string> read, written, retry;
};

Traffic traffic_of(const Bindings& bindings) {
  Traffic traffic;
  for (const auto& [name, bound] : bindings.bound) {
    traffic.read.insert(bound.shape.source);
    for (const Destination& destination : bound.binding->destinations) traffic.written.insert(destination.name);
    traffic.written.insert(bound.binding->queue);
    if (bound.binding->over_queue()) traffic.written.insert(bound.binding->queue + kParkedSuffix);
    if (!bound.binding->retry) continue;
    const std::string& retry = bound.binding->retry->name;
    traffic.retry.insert(retry);
    traffic.read.insert(retry);
    traffic.written.insert(retry);
  }
  return traffic;
}

}  // namespace

KafkaUse kafka_use(const Topology& topology, const Bindings& bindings, const std::vector<StreamSpec>& wanted) {
  KafkaUse use;
  for (const auto& [name, bound] : bindings.bound) use.functions.push_back(function_use(name, bound));
  const Traffic traffic = traffic_of(bindings);
  for (const StreamSpec& spec : wanted) {
    KafkaStreamUse stream;
    stream.spec = spec;
    const auto declared = topology.streams.find(spec.name);
    if (traffic.retry.contains(spec.name)) {
      stream.kind = KafkaStreamUse::Kind::kRetry;
    } else if (declared != topology.streams.end() && declared->second.queue) {
      stream.kind = KafkaStreamUse::Kind::kQueue;
    }
    stream.read = traffic.read.contains(spec.name);
    stream.written = traffic.written.contains(spec.name);
    use.streams.push_back(std::move(stream));
  }
  return use;
}

}  // namespace eddy::host
