// SPDX-License-Identifier: Apache-2.0
#include "runtime/bindings.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <thread>

#include "base/log.h"
#include "function/policy/retry.h"
#include "runtime/triage.h"
#include "settings/rules.h"

namespace eddy::host {

namespace {

constexpr std::uint32_t kMostRetryWidth = 8;
constexpr std::uint32_t kRetryRetentionDays = 30;

// An error that took so long comes from brokers that do not answer: the next one would take as long.
constexpr std::chrono::seconds kNoAnswer{3};

// The streams of the topology, made where they are missing, and by name all there are.
struct Streams {
  std::map<std::string, OpenStream> open;
  std::map<std::string, Error> failed;
  std::map<std::string, std::uint32_t> partitions;
  std::optional<StreamId> states;  // what became of dead letters; none: it cannot be told

  Result<OpenStream> find(const std::string& name) const {
    if (const auto error = failed.find(name); error != failed.end()) return error->second;
    if (const auto found = open.find(name); found != open.end()) return found->second;
    return Error{Code::kInternal, "stream " + name + " is not in the topology"};
  }
};

// What a letter needs whose original is as large as a stream takes: base64 makes it a third longer, and the facts stand
// around it.
constexpr std::size_t letter_room(std::size_t original) { return (original * 4 + 2) / 3 + (std::size_t{64} << 10); }

Result<OpenStream> open_stream(const TopologyStream& stream, const std::string& name, const Settings& settings,
                               std::size_t max_record_bytes, Transport& transport) {
  const StreamSettings wanted = settings.stream(name, stream.partitions, stream.retention_days);
  const std::uint32_t retention =
      stream.queue ? settings.queue(name, stream.retention_days).retention_days : wanted.retention_days;
  EDDY_ASSIGN(const StreamId id, transport.ensure_stream({name, wanted.partitions, retention, wanted.replication_factor,
                                                          max_record_bytes}));
  return OpenStream{id, wanted.partitions, transport.max_record_bytes(id)};
}

// Of the topology's streams the queues, or the others.
Result<void> open_some(const Topology& topology, bool queues, const Settings& settings, std::size_t max_record_bytes,
                       Transport& transport, Streams& streams) {
  for (const auto& [name, stream] : topology.streams) {
    if (stream.queue != queues) continue;
    const auto begin = std::chrono::steady_clock::now();
    auto open = open_stream(stream, name, settings, max_record_bytes, transport);
    if (!open && std::chrono::steady_clock::now() - begin > kNoAnswer) return open.take_error();
    if (open) {
      streams.open[name] = *open;
    } else {
      streams.failed[name] = open.take_error();
    }
  }
  return {};
}

Result<Streams> open_streams(const Topology& topology, const Settings& settings, Transport& transport) {
  Streams streams;
  EDDY_TRY(open_some(topology, false, settings, 0, transport, streams));
  std::size_t largest = 0;
  for (const auto& [name, stream] : streams.open) largest = std::max(largest, stream.max_record_bytes);
  EDDY_TRY(open_some(topology, true, settings, letter_room(largest), transport, streams));
  if (auto states = transport.ensure_stream(state_stream_spec(topology, settings))) {
    streams.states = *states;
  } else {  // functions run all the same
    log_limited(LogLevel::kError, kStateStream, "states",
                "what is recovered is not told, and nothing can be redriven: " + states.error().text);
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

Result<Destination> destination(const std::string& name, const Topology& topology, const Streams& streams) {
  EDDY_ASSIGN(const OpenStream stream, streams.find(name));
  return Destination{name, stream.id, stream.partitions, stream.max_record_bytes, topology.streams.at(name).model};
}

Result<std::vector<Destination>> destinations(const FunctionDecl& decl, const Topology& topology,
                                              const Streams& streams) {
  std::vector<std::string> names;
  if (decl.kind == EDDY_FUNCTION_TRANSFORM) names.push_back(decl.destination);
  if (decl.kind == EDDY_FUNCTION_MULTI_TRANSFORM) {
    for (const auto& [name, stream] : topology.streams) {
      if (!stream.queue) names.push_back(name);  // std::map: sorted by name, as look-up wants
    }
  }
  std::vector<Destination> all;
  for (const std::string& name : names) {
    EDDY_ASSIGN(Destination found, destination(name, topology, streams));
    all.push_back(std::move(found));
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

Result<void> bind_queue(Binding& binding, const TopologyFunction& function, const Topology& topology,
                        const Settings& settings, const Streams& streams, const Transport& transport) {
  EDDY_ASSIGN(binding.queue, queue_of(function, binding.settings, topology));
  EDDY_ASSIGN(const OpenStream queue, streams.find(binding.queue));
  binding.queue_id = binding.parked_id = queue.id;
  if (const std::string parked = binding.queue + kParkedSuffix; topology.streams.contains(parked)) {
    EDDY_ASSIGN(const OpenStream open, streams.find(parked));
    binding.parked_id = open.id;
  }
  binding.states_id = streams.states;
  binding.settings.limits = settings.limits(binding.decl->name, binding.queue);
  binding.settings.redact = settings.redact(binding.decl->name, binding.queue);
  binding.queue_options = settings.queue(binding.queue).options;
  binding.queue_options.max_record_bytes = transport.max_record_bytes(binding.queue_id);
  return {};
}

// What all functions are bound with.
struct Scene {
  const Topology& topology;
  const Settings& settings;
  const std::uint64_t settings_version;
  const Streams& streams;
  const IsolatedPlugins& isolated;
  Transport& transport;
};

Result<std::shared_ptr<Binding>> resolve(const TopologyFunction& function, const Scene& scene) {
  auto binding = std::make_shared<Binding>();
  const FunctionDecl& decl = *function.decl;
  binding->image = function.image;
  binding->decl = function.decl;
  binding->settings = scene.settings.function(decl.name, decl.concurrency);
  if (const std::string conflict = policy_conflict(binding->settings); !conflict.empty()) {
    return Error{Code::kConfig, "functions: " + conflict};  // of two sections that meet in this name only
  }
  binding->settings_version = scene.settings_version;
  if (binding->settings.isolation == Isolation::kProcess) {
    binding->placement = Placement::kSandbox;
  } else if (scene.isolated.contains(binding->image->identity.sha256)) {
    binding->placement = Placement::kContained;
  }
  EDDY_ASSIGN(const OpenStream source, scene.streams.find(decl.source));
  EDDY_ASSIGN(binding->destinations, destinations(decl, scene.topology, scene.streams));
  EDDY_TRY(bind_queue(*binding, function, scene.topology, scene.settings, scene.streams, scene.transport));
  const RetrySettings& retry = binding->settings.retry;
  if (retry.mode == RetryMode::kStream && retry.max_attempts > 1) {
    EDDY_ASSIGN(binding->retry,
                open_retry_stream(decl.name, scene.settings, binding->settings, source.partitions, scene.transport));
  }
  return binding;
}

// Where the predecessor cannot be bound any more, as a stream of its is gone, there is nothing to hold against.
void bind_canary(Binding& binding, const TopologyFunction& function, const CanaryPlan& plan, std::uint32_t partitions,
                 const Scene& scene) {
  const FunctionDecl* const before = plan.stable->function(function.decl->name);
  if (!can_run_beside(*function.decl, before)) return;
  auto stable = resolve({before, plan.stable, function.dead_letter_queue}, scene);
  if (!stable) return;
  const auto share = static_cast<std::uint32_t>(std::lround(plan.share * partitions));
  binding.canary = Canary{*std::move(stable), std::clamp(share, 1u, partitions), plan.counts};
}

Result<BoundFunction> bind_one(const TopologyFunction& function, const CanaryPlans& canaries, const Scene& scene) {
  EDDY_ASSIGN(const std::shared_ptr<Binding> binding, resolve(function, scene));
  const FunctionDecl& decl = *function.decl;
  EDDY_ASSIGN(const OpenStream source, scene.streams.find(decl.source));
  if (const auto plan = canaries.find(function.image->generation); plan != canaries.end()) {
    bind_canary(*binding, function, plan->second, source.partitions, scene);
  }
  Runner::Shape shape;
  shape.function = decl.name;
  shape.source = decl.source;
  shape.workers = workers(scene.settings, binding->settings.concurrency, source.partitions);
  shape.at_least_once = binding->settings.at_least_once;
  // Also when the mode was another once: what waits there is not forgotten.
  shape.retries = binding->retry || scene.streams.partitions.contains(retry_stream_of(decl.name));
  shape.redrives = scene.streams.partitions.contains(redrive_stream_of(decl.name));
  shape.queue = binding->queue;
  return BoundFunction{std::move(shape), binding};
}

}  // namespace

Result<OpenStream> find_stream(const std::map<std::string, OpenStream>& streams, const std::string& name) {
  const auto found = streams.find(name);
  if (found != streams.end()) return found->second;
  return Error{Code::kUnavailable, "stream " + name + " is not there yet"};
}

bool needs_code_here(const Manifest& manifest, const Settings& settings) {
  return std::ranges::any_of(manifest.ingest_apis, [](const IngestApiDecl& api) { return api.validates; }) ||
         std::ranges::any_of(manifest.functions, [&](const FunctionDecl& function) {
           return settings.function(function.name).isolation == Isolation::kThread;
         });
}

Result<Bindings> bind_functions(const Topology& topology, const Settings& settings, std::uint64_t settings_version,
                                const CanaryPlans& canaries, const IsolatedPlugins& isolated, Transport& transport) {
  EDDY_ASSIGN(Streams streams, open_streams(topology, settings, transport));
  Bindings bindings;
  const Scene scene{topology, settings, settings_version, streams, isolated, transport};
  for (const auto& [name, function] : topology.functions) {
    auto one = bind_one(function, canaries, scene);
    if (one) {
      bindings.bound.emplace(name, *std::move(one));
    } else {
      bindings.unbound.emplace(name, one.take_error());
    }
  }
  bindings.streams = std::move(streams.open);
  return bindings;
}

}  // namespace eddy::host
