// SPDX-License-Identifier: Apache-2.0
// The ingest APIs: from declarations and settings to the routes of the ingest server.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ingest/server.h"
#include "metrics/metrics.h"
#include "plugin/image.h"
#include "plugin/topology.h"
#include "runtime/bindings.h"
#include "settings/settings.h"

namespace eddy::host {

// The routes whose streams are there. What could not be resolved is in `errors`, by route.
IngestRoutes resolve_routes(const Topology& topology, const Settings& settings,
                            const std::map<std::string, OpenStream>& streams, const std::vector<ImagePtr>& images,
                            const std::function<void(const Image&)>& on_fault,
                            std::map<std::string, std::string>& errors);

// Listens as soon as some plugin declares an API. All calls on the control thread.
class Apis {
 public:
  using OnFault = std::function<void(const Image&)>;

  // `on_fault`: a plugin's validate() has poisoned its image. [server thread]
  Apis(Transport& transport, const Clock& clock, Metrics& metrics, OnFault on_fault);
  ~Apis();  // as stop()

  // Returns what is not served, and why, by route.
  std::map<std::string, std::string> apply(const Topology& topology, const Settings& settings, const Bindings& bindings,
                                           const std::vector<ImagePtr>& images);

  // What is served now. [any thread]
  IngestRoutesPtr routes() const;

  std::string trouble() const;  // why nothing can be taken; empty when it can
  // Running requests are answered, then the connections end. Waits.
  void stop();

 private:
  class Counting;

  Result<void> open(const Settings& settings);
  Result<void> admit_by(const IngestSettings& settings);
  void keep(const IngestSettings& settings);
  std::string openapi() const;  // [server thread]

  Transport& transport_;
  const Clock& clock_;
  const OnFault on_fault_;
  mutable std::mutex mutex_;  // routes_ and settings_, which the control thread alone changes
  IngestSettings settings_;
  IngestRoutesPtr routes_ = std::make_shared<IngestRoutes>();
  std::unique_ptr<Counting> counting_;
  std::unique_ptr<IngestServer> server_;
};

}  // namespace eddy::host
