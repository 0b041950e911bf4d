// SPDX-License-Identifier: Apache-2.0
// What feeds what, as a graph.
#pragma once

#include <nlohmann/json.hpp>

#include "runtime/host_view.h"

namespace eddy::host {

// {"nodes": [{id, kind, name, …}], "edges": [{from, to, kind}]}. Ids are "kind:name".
nlohmann::ordered_json topology_json(const HostView& view);
nlohmann::ordered_json topology_schema();

}  // namespace eddy::host
