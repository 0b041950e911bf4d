// SPDX-License-Identifier: Apache-2.0
#include "runtime/feeds.h"

#include <fmt/format.h>

#include "settings/rules.h"
#include "table/letter_row.h"

namespace eddy::host {

namespace {

std::string queue_of(const FeedName& feed, const TopologyStream& stream) {
  if (!feed.letters) return stream.dead_letter_queue.empty() ? kDefaultQueue : stream.dead_letter_queue;
  // A letter that its queue's table refuses must not come back to that table.
  return feed.stream + kParkedSuffix;
}

void take_identity(FeedSpec& spec, const PluginIdentity& plugin) {
  spec.plugin = plugin.name;
  spec.plugin_version = plugin.version;
  spec.plugin_build_id = plugin.build_id;
  spec.plugin_sha256 = plugin.sha256;
}

// Equal texts: the feeder that runs need not be replaced.
std::string shape_of(const FeedSpec& spec, std::uint64_t settings_version) {
  return fmt::format("{} {} {} {} {}", settings_version, spec.table.model->signature(), spec.queue,
                     static_cast<std::uint32_t>(spec.queue_id), spec.plugin_sha256);
}

}  // namespace

std::vector<FeedName> feeds_of(const Topology& topology, const Settings& settings) {
  std::vector<FeedName> feeds;
  for (const auto& [name, stream] : topology.streams) {
    const std::string table = stream.queue ? settings.queue(name).table : stream.destination;
    if (!table.empty() && !name.ends_with(kParkedSuffix)) feeds.push_back({table, name, stream.queue});
  }
  return feeds;
}

Result<FeedSpec> resolve_feed(const FeedName& feed, const Topology& topology, const Settings& settings,
                              const std::map<std::string, OpenStream>& streams) {
  const TopologyStream& stream = topology.streams.at(feed.stream);
  const auto declared = topology.tables.find(feed.table);
  const bool known = declared != topology.tables.end();
  if (feed.letters == known) {
    return Error{Code::kConfig, feed.letters
                                    ? "dead_letter_queues." + feed.stream + ".table: " + feed.table +
                                          " is a plugin's table; dead letters have columns of their own, name another"
                                    : "stream " + feed.stream + ": no plugin declares its table " + feed.table};
  }
  // Two globs may have met in this queue's name alone.
  if (std::string conflict = feed.letters ? queue_conflict(settings.queue(feed.stream)) : ""; !conflict.empty()) {
    return Error{Code::kConfig, "dead_letter_queues." + feed.stream + "." + conflict};
  }
  const TableSettings table = settings.table(feed.table);
  FeedSpec spec;
  spec.stream = feed.stream;
  spec.letters = feed.letters;
  spec.table = {feed.table, feed.letters ? letter_model() : declared->second.model,
                table.replace_on_conflict ? OnConflict::kReplace : OnConflict::kRefuse};
  spec.url = table.url;
  spec.batch_rows = table.batch_rows;
  spec.batch_bytes = table.batch_bytes;
  spec.batch_time = std::chrono::milliseconds(table.batch_ms);
  EDDY_TRY(find_stream(streams, feed.stream));
  spec.queue = queue_of(feed, stream);
  EDDY_ASSIGN(const OpenStream queue, find_stream(streams, spec.queue));
  spec.queue_id = queue.id;
  spec.queue_options = settings.queue(feed.letters ? feed.stream : spec.queue).options;
  spec.queue_options.max_record_bytes = queue.max_record_bytes;
  return spec;
}

std::map<std::string, std::string> Feeds::apply(const Topology& topology, const Settings& settings,
                                                std::uint64_t settings_version, const Bindings& bindings,
                                                const std::vector<ImagePtr>& images) {
  std::map<std::string, std::string> errors;
  std::map<std::string, FeedSpec> wanted;
  for (const FeedName& feed : feeds_of(topology, settings)) {
    auto spec = resolve_feed(feed, topology, settings, bindings.streams);
    if (!spec) {
      errors[feed.name()] = spec.error().text;
      continue;
    }
    for (const ImagePtr& image : images) {
      if (image->identity.name == topology.streams.at(feed.stream).declared_in) take_identity(*spec, image->identity);
    }
    wanted.emplace(feed.name(), *std::move(spec));
  }
  std::erase_if(feeders_, [&](auto& entry) {  // waits: a feed must have left its group before it joins again
    const auto found = wanted.find(entry.first);
    if (errors.contains(entry.first)) return false;  // what cannot be resolved anew goes on as it was
    return found == wanted.end() || shapes_[entry.first] != shape_of(found->second, settings_version);
  });
  for (auto& [name, spec] : wanted) {
    if (feeders_.contains(name)) continue;
    shapes_[name] = shape_of(spec, settings_version);
    auto counters = metrics_.worker({name, spec.queue, "table", "", spec.table.name});
    feeders_[name] = std::make_unique<Feeder>(transport_, clock_, std::move(spec), std::move(counters));
  }
  return errors;
}

void Feeds::stop() {
  for (const auto& [name, feeder] : feeders_) feeder->stop();
}

bool Feeds::finished() const {
  return std::ranges::all_of(feeders_, [](const auto& entry) { return entry.second->finished(); });
}

}  // namespace eddy::host
