// SPDX-License-Identifier: Apache-2.0
// What `eddy ls --json` and the admin API list alike.
#pragma once

#include <nlohmann/json.hpp>

#include "plugin/topology.h"
#include "settings/settings.h"
#include "stream/transport.h"

namespace eddy::host {

// Declarations, and where each stands. A function whose stream has not been made yet stands at 0.
nlohmann::ordered_json list_functions(const Topology& topology, Transport& transport);
nlohmann::ordered_json list_tables(const Topology& topology, const Settings& settings, Transport& transport);
// All streams of the transport, declared or not.
Result<nlohmann::ordered_json> list_streams(const Topology& topology, Transport& transport);

std::string_view function_kind(std::uint32_t kind);  // "consumer", "transform", "multi-transform"

}  // namespace eddy::host
