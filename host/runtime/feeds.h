// SPDX-License-Identifier: Apache-2.0
// The tables that streams feed: from declarations and settings to running feeders.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "metrics/metrics.h"
#include "plugin/image.h"
#include "plugin/topology.h"
#include "runtime/bindings.h"
#include "settings/settings.h"
#include "table/feeder.h"

namespace eddy::host {

// Which stream feeds which table.
struct FeedName {
  std::string table;
  std::string stream;
  bool letters = false;  // the stream is a dead letter queue
  std::string name() const { return feed_name(table, stream); }
};

// Streams with a destination, and queues that the settings give a table.
std::vector<FeedName> feeds_of(const Topology& topology, const Settings& settings);

// Everything one feed needs. kConfig when what it names does not go together.
Result<FeedSpec> resolve_feed(const FeedName& feed, const Topology& topology, const Settings& settings,
                              const std::map<std::string, OpenStream>& streams);

// All calls on the control thread.
class Feeds {
 public:
  Feeds(Transport& transport, const Clock& clock, Metrics& metrics)
      : transport_(transport), clock_(clock), metrics_(metrics) {}

  // Starts what is new, ends what is gone, starts anew what has changed. Returns what could not be resolved, by feed.
  std::map<std::string, std::string> apply(const Topology& topology, const Settings& settings,
                                           std::uint64_t settings_version, const Bindings& bindings,
                                           const std::vector<ImagePtr>& images);

  const std::map<std::string, std::unique_ptr<Feeder>>& running() const { return feeders_; }
  void stop();
  bool finished() const;
  void clear() { feeders_.clear(); }

 private:
  Transport& transport_;
  const Clock& clock_;
  Metrics& metrics_;
  std::map<std::string, std::unique_ptr<Feeder>> feeders_;  // by feed
  std::map<std::string, std::string> shapes_;               // what each was started with
};

}  // namespace eddy::host
