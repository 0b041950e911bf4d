// SPDX-License-Identifier: Apache-2.0
#include "runtime/triage.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "dead_letter/letter_state.h"
#include "runtime/triage_masks.h"

namespace eddy::host {

namespace {

// Two clusters may have queues of the same name.
std::string source_of(const Settings& settings) {
  if (settings.transport != TransportKind::kKafka) return "embedded";
  return fmt::format("kafka {} {}", fmt::join(settings.kafka.brokers, ","), settings.kafka.topic_prefix);
}

}  // namespace

Result<std::unique_ptr<TriageIndex>> open_triage(const Settings& settings, Transport& transport) {
  return open_triage(settings, transport, masks_of(settings));
}

Result<std::unique_ptr<TriageIndex>> open_triage(const Settings& settings, Transport& transport, TriageMasks masks) {
  std::error_code failed;
  std::filesystem::create_directories(settings.data_dir, failed);
  if (failed) return Error{Code::kUnavailable, "data_dir " + settings.data_dir + ": " + failed.message()};
  return TriageIndex::open(settings.data_dir, transport, source_of(settings), std::move(masks));
}

std::vector<std::string> queues_of(const Topology& topology) {
  std::vector<std::string> queues;
  for (const auto& [name, stream] : topology.streams) {
    if (stream.queue && !name.ends_with(kParkedSuffix)) queues.push_back(name);
  }
  return queues;
}

StreamSpec state_stream_spec(const Topology& topology, const Settings& settings) {
  std::uint32_t longest = 0;
  bool for_ever = false;
  for (const auto& [name, stream] : topology.streams) {
    if (!stream.queue) continue;
    const std::uint32_t days = settings.queue(name, stream.retention_days).retention_days;
    for_ever = for_ever || days == 0;
    longest = std::max(longest, days);
  }
  StreamSpec spec{.name = kStateStream, .retention_days = for_ever ? 0 : longest + 1, .compacted = true};
  spec.replication = settings.stream(kStateStream).replication_factor;
  return spec;
}

Result<StreamId> open_state_stream(const Settings& settings, Transport& transport) {
  EDDY_ASSIGN(const auto streams, transport.list_streams());
  const bool there =
      std::any_of(streams.begin(), streams.end(), [](const StreamInfo& stream) { return stream.name == kStateStream; });
  if (there) return transport.find_stream(kStateStream);
  StreamSpec spec{.name = kStateStream, .retention_days = 0, .compacted = true};
  spec.replication = settings.stream(kStateStream).replication_factor;
  return transport.ensure_stream(spec);
}

}  // namespace eddy::host
