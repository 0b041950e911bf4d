// SPDX-License-Identifier: Apache-2.0
// The triage index of a host: where it is, and which queues it is about.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plugin/topology.h"
#include "settings/settings.h"
#include "stream/transport.h"
#include "triage/triage_index.h"

namespace eddy::host {

// The index beside this host's data; `transport` is the settings' own.
Result<std::unique_ptr<TriageIndex>> open_triage(const Settings& settings, Transport& transport);
// The same with other masks: those of a configuration that was read later.
Result<std::unique_ptr<TriageIndex>> open_triage(const Settings& settings, Transport& transport, TriageMasks masks);

// Queues that plugins declare and the host-wide one, without parked ones: these go with theirs.
std::vector<std::string> queues_of(const Topology& topology);

// Of the stream of letters' states, wherever it is made first: kept as long as the letters that it is about.
StreamSpec state_stream_spec(const Topology& topology, const Settings& settings);
// The same for a tool, which does not know all queues: one that it must make is kept for ever.
Result<StreamId> open_state_stream(const Settings& settings, Transport& transport);

}  // namespace eddy::host
