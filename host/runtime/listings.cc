// SPDX-License-Identifier: Apache-2.0
#include "runtime/listings.h"

#include "runtime/feeds.h"
#include "runtime/standing.h"
#include "settings/mask.h"

namespace eddy::host {
namespace {

using Json = nlohmann::ordered_json;

// A stream that was never created has no positions: nothing has been processed yet.
Standing standing_or_none(Transport& transport, const std::string& name, const std::string& source) {
  const auto found = standing_of(transport, name, source);
  return found ? *found : Standing();
}

}  // namespace

std::string_view function_kind(std::uint32_t kind) {
  return kind == EDDY_FUNCTION_CONSUMER    ? "consumer"
         : kind == EDDY_FUNCTION_TRANSFORM ? "transform"
                                           : "multi-transform";
}

Json list_functions(const Topology& topology, Transport& transport) {
  Json list = Json::array();
  for (const auto& [name, function] : topology.functions) {
    const Standing standing = standing_or_none(transport, name, function.decl->source);
    const Tally tally = standing.tally();
    list.push_back({{"function", name},
                    {"kind", function_kind(function.decl->kind)},
                    {"source", function.decl->source},
                    {"destination", function.decl->destination},
                    {"dead_letter_queue", function.dead_letter_queue},
                    {"plugin", function.image->identity.name},
                    {"delivered", tally.delivered},
                    {"filtered", tally.filtered},
                    {"dead_lettered", tally.dead_lettered},
                    {"lag", standing.lag()},
                    {"retrying", standing.held() + standing.retry_lag()}});
  }
  return list;
}

Json list_tables(const Topology& topology, const Settings& settings, Transport& transport) {
  Json list = Json::array();
  for (const FeedName& feed : feeds_of(topology, settings)) {
    const Standing standing = standing_or_none(transport, feed.name(), feed.stream);
    const Tally tally = standing.tally();
    list.push_back({{"table", feed.table},
                    {"stream", feed.stream},
                    {"database", mask_text(settings.table(feed.table).url)},
                    {"written", tally.delivered},
                    {"skipped", tally.filtered},
                    {"refused", tally.dead_lettered},
                    {"lag", standing.lag()}});
  }
  return list;
}

Result<Json> list_streams(const Topology& topology, Transport& transport) {
  EDDY_ASSIGN(const auto infos, transport.list_streams());
  Json list = Json::array();
  for (const StreamInfo& info : infos) {
    const auto known = topology.streams.find(info.name);
    const bool queue = known != topology.streams.end() && known->second.queue;
    list.push_back({{"stream", info.name},
                    {"kind", queue ? "dead letter queue" : "stream"},
                    {"partitions", info.partitions},
                    {"records", info.records},
                    {"bytes", info.bytes},
                    {"retention_days", info.retention_days}});
  }
  return list;
}

}  // namespace eddy::host
