// SPDX-License-Identifier: Apache-2.0
#include "runtime/bindings.h"

#include <algorithm>

namespace eddy::host {

namespace {

struct OpenStream {
  StreamId id{};
  std::uint32_t partitions = 1;
  std::size_t max_record_bytes = 0;
};
using OpenStreams = std::map<std::string, OpenStream>;

Result<OpenStreams> open_streams(const Topology& topology, const Settings& settings, Transport& transport) {
  OpenStreams open;
  for (const auto& [name, stream] : topology.streams) {
    const StreamSettings wanted = settings.stream(name, stream.partitions, stream.retention_days);
    const std::uint32_t retention =
        stream.queue ? settings.queue(name, stream.retention_days).retention_days : wanted.retention_days;
    EDDY_ASSIGN(const StreamId id, transport.ensure_stream({name, wanted.partitions, retention}));
    open[name] = {id, wanted.partitions, transport.max_record_bytes(id)};
  }
  EDDY_ASSIGN(const auto existing, transport.list_streams());
  for (const StreamInfo& stream : existing) {
    if (const auto found = open.find(stream.name); found != open.end()) found->second.partitions = stream.partitions;
  }
  return open;
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
                               std::uint64_t settings_version, const OpenStreams& open, const Transport& transport) {
  auto binding = std::make_shared<Binding>();
  const FunctionDecl& decl = *function.decl;
  binding->image = function.image;
  binding->decl = function.decl;
  binding->settings = settings.function(decl.name, decl.concurrency);
  binding->settings_version = settings_version;
  binding->destinations = destinations(decl, topology, open);
  EDDY_ASSIGN(binding->queue, queue_of(function, binding->settings, topology));
  binding->queue_id = open.at(binding->queue).id;
  const auto parked = open.find(binding->queue + kParkedSuffix);
  binding->parked_id = parked != open.end() ? parked->second.id : binding->queue_id;
  binding->queue_options = settings.queue(binding->queue).options;
  binding->queue_options.max_record_bytes = transport.max_record_bytes(binding->queue_id);

  const std::uint32_t partitions = open.at(decl.source).partitions;
  const std::uint32_t wanted = binding->settings.concurrency;
  const std::uint32_t workers = wanted == 0 ? partitions : std::min(wanted, partitions);
  return BoundFunction{{decl.name, decl.source, workers}, std::move(binding)};
}

}  // namespace

Result<std::map<std::string, BoundFunction>> bind_functions(const Topology& topology, const Settings& settings,
                                                            std::uint64_t settings_version, Transport& transport) {
  EDDY_ASSIGN(const OpenStreams open, open_streams(topology, settings, transport));
  std::map<std::string, BoundFunction> bound;
  for (const auto& [name, function] : topology.functions) {
    auto one = bind_one(function, topology, settings, settings_version, open, transport);
    if (!one) return in_context("function " + name, one.take_error());
    bound.emplace(name, *std::move(one));
  }
  return bound;
}

}  // namespace eddy::host
