// SPDX-License-Identifier: Apache-2.0
#include "runtime/bindings.h"

#include <algorithm>
#include <thread>

#include "function/policy/retry.h"
#include "settings/rules.h"

namespace eddy::host {

namespace {

constexpr std::uint32_t kMostRetryWidth = 8;
constexpr std::uint32_t kRetryRetentionDays = 30;

struct OpenStream {
  StreamId id{};
  std::uint32_t partitions = 1;
  std::size_t max_record_bytes = 0;
};
using OpenStreams = std::map<std::string, OpenStream>;

// The streams of the topology, made where they are missing, and by name all there are.
struct Streams {
  OpenStreams open;
  std::map<std::string, std::uint32_t> partitions;
};

Result<Streams> open_streams(const Topology& topology, const Settings& settings, Transport& transport) {
  Streams streams;
  for (const auto& [name, stream] : topology.streams) {
    const StreamSettings wanted = settings.stream(name, stream.partitions, stream.retention_days);
    const std::uint32_t retention =
        stream.queue ? settings.queue(name, stream.retention_days).retention_days : wanted.retention_days;
    EDDY_ASSIGN(const StreamId id,
                transport.ensure_stream({name, wanted.partitions, retention, wanted.replication_factor}));
    streams.open[name] = {id, wanted.partitions, transport.max_record_bytes(id)};
  }
  EDDY_ASSIGN(const auto existing, transport.list_streams());
  for (const StreamInfo& stream : existing) {
    streams.partitions[stream.name] = stream.partitions;
    if (const auto found = streams.open.find(stream.name); found != streams.open.end()) {
      found->second.partitions = stream.partitions;
    }
  }
  return streams;
}

// Partitions for each pause there is, so that a long one never keeps a short one waiting.
Result<RetryStream> open_retry_stream(const std::string& function, const Settings& settings,
                                      const FunctionSettings& own, std::uint32_t source_partitions,
                                      Transport& transport) {
  RetryStream retry;
  retry.name = retry_stream_of(function);
  retry.tiers = RetryPolicy(own.retry).tiers();
  retry.width = std::min(source_partitions, kMostRetryWidth);
  const std::uint32_t replication = settings.stream(retry.name).replication_factor;
  EDDY_ASSIGN(retry.id,
              transport.ensure_stream({retry.name, retry.tiers * retry.width, kRetryRetentionDays, replication}));
  return retry;
}

// As many as partitions; on Kafka, where each worker is a consumer and a producer with threads of their own, not more
// than processors.
std::uint32_t workers(const Settings& settings, std::uint32_t wanted, std::uint32_t partitions) {
  if (wanted != 0) return std::min(wanted, partitions);
  if (settings.transport == TransportKind::kEmbedded) return partitions;
  return std::min(partitions, std::max(1u, std::thread::hardware_concurrency()));
}

Destination destination(const std::string& name, const Topology& topology, const OpenStreams& open) {
  const OpenStream& stream = open.at(name);
  return {name, stream.id, stream.partitions, stream.max_record_bytes, topology.streams.at(name).model};
}

std::vector<Destination> destinations(const FunctionDecl& decl, const Topology& topology, const OpenStreams& open) {
  std::vector<Destination> all;
  if (decl.kind == EDDY_FUNCTION_TRANSFORM) all.push_back(destination(decl.destination, topology, open));
  if (decl.kind == EDDY_FUNCTION_MULTI_TRANSFORM) {
    for (const auto& [name, stream] : topology.streams) {
      if (!stream.queue)
        all.push_back(destination(name, topology, open));  // std::map: sorted by name, as look-up wants
    }
  }
  return all;
}

Result<std::string> queue_of(const TopologyFunction& function, const FunctionSettings& settings,
                             const Topology& topology) {
  if (settings.dead_letter_queue.empty() || function.decl->input == EDDY_INPUT_DEAD_LETTER) {
    return function.dead_letter_queue;
  }
  const auto found = topology.streams.find(settings.dead_letter_queue);
  if (found == topology.streams.end() || !found->second.queue) {
    return Error{Code::kConfig, "functions." + function.decl->name +
                                    ".dead_letter_queue: expected a queue that a plugin " + "declares, found " +
                                    settings.dead_letter_queue};
  }
  return settings.dead_letter_queue;
}

Result<BoundFunction> bind_one(const TopologyFunction& function, const Topology& topology, const Settings& settings,
                               std::uint64_t settings_version, const Streams& streams, Transport& transport) {
  const OpenStreams& open = streams.open;
  auto binding = std::make_shared<Binding>();
  const FunctionDecl& decl = *function.decl;
  binding->image = function.image;
  binding->decl = function.decl;
  binding->settings = settings.function(decl.name, decl.concurrency);
  if (const std::string conflict = policy_conflict(binding->settings); !conflict.empty()) {
    return Error{Code::kConfig, "functions: " + conflict};  // of two sections that meet in this name only
  }
  binding->settings_version = settings_version;
  binding->destinations = destinations(decl, topology, open);
  EDDY_ASSIGN(binding->queue, queue_of(function, binding->settings, topology));
  binding->queue_id = open.at(binding->queue).id;
  binding->settings.limits = settings.limits(decl.name, binding->queue);
  const auto parked = open.find(binding->queue + kParkedSuffix);
  binding->parked_id = parked != open.end() ? parked->second.id : binding->queue_id;
  binding->queue_options = settings.queue(binding->queue).options;
  binding->queue_options.max_record_bytes = transport.max_record_bytes(binding->queue_id);

  const std::uint32_t partitions = open.at(decl.source).partitions;
  const RetrySettings& retry = binding->settings.retry;
  if (retry.mode == RetryMode::kStream && retry.max_attempts > 1) {
    EDDY_ASSIGN(binding->retry, open_retry_stream(decl.name, settings, binding->settings, partitions, transport));
  }
  Runner::Shape shape;
  shape.function = decl.name;
  shape.source = decl.source;
  shape.workers = workers(settings, binding->settings.concurrency, partitions);
  shape.at_least_once = binding->settings.at_least_once;
  // Also when the mode was another once: what waits there is not forgotten.
  shape.retries = binding->retry || streams.partitions.contains(retry_stream_of(decl.name));
  shape.queue = binding->queue;
  return BoundFunction{std::move(shape), std::move(binding)};
}

}  // namespace

Result<std::map<std::string, BoundFunction>> bind_functions(const Topology& topology, const Settings& settings,
                                                            std::uint64_t settings_version, Transport& transport) {
  EDDY_ASSIGN(const Streams streams, open_streams(topology, settings, transport));
  std::map<std::string, BoundFunction> bound;
  for (const auto& [name, function] : topology.functions) {
    auto one = bind_one(function, topology, settings, settings_version, streams, transport);
    if (!one) return in_context("function " + name, one.take_error());
    bound.emplace(name, *std::move(one));
  }
  return bound;
}

}  // namespace eddy::host
