// SPDX-License-Identifier: Apache-2.0
// From a checked topology and the settings to what each function needs to run.
#pragma once

#include <map>
#include <string>

#include "function/binding.h"
#include "function/runner.h"
#include "plugin/topology.h"
#include "runtime/canaries.h"
#include "runtime/isolated_plugins.h"
#include "settings/settings.h"
#include "stream/transport.h"

namespace eddy::host {

struct BoundFunction {
  Runner::Shape shape;
  BindingPtr binding;
};

// A stream that is there.
struct OpenStream {
  StreamId id{};
  std::uint32_t partitions = 1;
  std::size_t max_record_bytes = 0;
};

// kUnavailable when it is not, or not yet.
Result<OpenStream> find_stream(const std::map<std::string, OpenStream>& streams, const std::string& name);

// Whether something of a plugin is called in the host's threads: a function, or the checks of an ingest API's model.
bool needs_code_here(const Manifest& manifest, const Settings& settings);

struct Bindings {
  std::map<std::string, OpenStream> streams;  // of the topology
  std::map<std::string, BoundFunction> bound;
  std::map<std::string, Error> unbound;  // functions that cannot run for now: a stream of theirs cannot be made or
                                         // found, or their settings do not hold together
};

// Creates the streams that are missing and resolves every function; one that cannot be resolved keeps no other from
// it. Fails when the transport cannot be asked at all. Safe to call again for every change.
// `canaries`: new builds that are still beside their predecessors. Builds of `isolated` run in worker processes,
// whatever their settings say.
Result<Bindings> bind_functions(const Topology& topology, const Settings& settings, std::uint64_t settings_version,
                                const CanaryPlans& canaries, const IsolatedPlugins& isolated, Transport& transport);

}  // namespace eddy::host
