// SPDX-License-Identifier: Apache-2.0
// Which streams hold what `redact` masks.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "plugin/topology.h"
#include "settings/settings.h"

namespace eddy::host {

// JSON pointers by stream: those of a function hold for what it reads and writes, its retries and redrives, and its
// dead letter queue. Streams of which nothing is masked are not in it.
std::map<std::string, std::vector<std::string>> redacted_streams(const Topology& topology, const Settings& settings);

// What the pointers are about stands inside of another record: in queues, in redrive streams, and in the retry streams
// of functions over a queue.
bool holds_letters(const Topology& topology, const std::string& stream);

}  // namespace eddy::host
