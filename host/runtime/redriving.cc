// SPDX-License-Identifier: Apache-2.0
#include "runtime/redriving.h"

#include <algorithm>

#include "function/runner.h"
#include "ingest/readmission.h"
#include "runtime/standing.h"

namespace eddy::host {

namespace {

constexpr std::uint32_t kRetentionDays = 30;
constexpr std::size_t kWrapping = 1024;  // what the way back adds to a letter

struct Targets {
  Transport& transport;
  const HostViewBox& view;
  const std::function<void()> start_reading;

  static Error not_here(const std::string& function) {
    return {Code::kBadData, "function " + function + " does not run here: load its plugin, or name a stream"};
  }

  // The queue that it writes to once it runs as the settings say, which may be another than its plugin names.
  Result<std::string> queue_of(const std::string& function) const {
    const auto now = view.get();
    const auto found = now->topology.functions.find(function);
    if (found == now->topology.functions.end()) return not_here(function);
    const TopologyFunction& known = found->second;
    const std::string set = now->settings->function(function).dead_letter_queue;
    return set.empty() || known.decl->input == EDDY_INPUT_DEAD_LETTER ? known.dead_letter_queue : set;
  }

  Result<std::string> stream_of(const std::string& function) const {
    const auto now = view.get();
    const auto found = now->topology.functions.find(function);
    if (found == now->topology.functions.end()) return not_here(function);
    std::string stream = redrive_stream_of(function);
    if (transport.find_stream(stream)) return stream;
    EDDY_ASSIGN(const StreamId queue, transport.find_stream(found->second.dead_letter_queue));
    const std::size_t room = transport.max_record_bytes(queue) + kWrapping;
    const auto made = transport.ensure_stream({.name = stream,
                                               .retention_days = kRetentionDays,
                                               .replication = now->settings->stream(stream).replication_factor,
                                               .max_record_bytes = room});
    if (!made) return made.error();
    start_reading();
    return stream;
  }

  Result<std::uint64_t> lag(const std::string& function) const {
    EDDY_ASSIGN(const auto positions, transport.positions(redrive_group_of(function), redrive_stream_of(function)));
    std::uint64_t lag = 0;
    for (const Position& position : positions) lag += lag_of(position);
    return lag;
  }
};

// Called by several redrives at once.
Result<Readmitted> readmit_letter(Transport& transport, const IngestRoutes& routes, const DeadLetter& letter) {
  const std::string api(letter.route);
  const auto found = routes.find(api);
  if (found == routes.end()) {
    return Error{Code::kBadData, "ingest API " + api + " is not served here: load its plugin, or name a stream (to)"};
  }
  const IngestRoute& route = *found->second;
  EDDY_ASSIGN(Readmission now,
              readmit(route, letter.original, size_of(letter.headers), transport.max_record_bytes(route.stream_id)));
  if (!now.refusal.empty()) {
    return Error{Code::kBadData, "ingest API " + api + " still refuses it (" + now.refusal +
                                     "): correct it (eddy dlq edit), or name a stream (to)"};
  }
  Readmitted readmitted{route.stream, {}};
  for (auto& [key, value] : now.elements) readmitted.elements.push_back({std::move(key), std::move(value)});
  return readmitted;
}

// A redrive is one writer of its own; the registry keeps the sums.
void count_recovered(Metrics& metrics, const std::string& queue, const std::vector<std::int64_t>& after_us) {
  const auto counters = metrics.worker({.function = "", .queue = "", .recovers = queue});
  counters->recoveries[static_cast<std::size_t>(Recovery::kRecovered)].add(after_us.size());
  for (const std::int64_t one : after_us) counters->recovery_seconds.observe(static_cast<double>(one) / 1e6);
}

}  // namespace

RedriveContext redrive_context(Transport& transport, const Clock& clock, const HostViewBox& view, RedriveNeeds needs) {
  const Targets targets{transport, view, std::move(needs.start_reading)};
  const auto max_hops = [&view](const std::string& queue) {
    return view.get()->settings->queue(queue).options.max_hops;
  };
  return {transport,
          clock,
          {[&view] { return view.get()->started; },
           [targets](const std::string& function) { return targets.stream_of(function); },
           [targets](const std::string& function) { return targets.lag(function); },
           [targets](const std::string& function) { return targets.queue_of(function); }, max_hops,
           [&transport, routes = std::move(needs.routes)](const DeadLetter& letter) {
             return readmit_letter(transport, *routes(), letter);
           },
           [&metrics = needs.metrics](const std::string& queue, const std::vector<std::int64_t>& after_us) {
             count_recovered(metrics, queue, after_us);
           }},
          std::move(needs.open_index),
          std::move(needs.masks)};
}

}  // namespace eddy::host
