// SPDX-License-Identifier: Apache-2.0
// A manifest as JSON, on its way from the probing child to the host. Not a format: both ends are of one build.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "plugin/manifest.h"

namespace eddy::host {

// Everything but the plugin's code.
nlohmann::json to_json(const Manifest& manifest);

// Goes through the same checks as the declarations of a plugin in this process, as it is one plugin's word here too.
// The functions have no code, what stands for their state's is only a sign that there is some, and `models` is empty.
Result<Manifest> manifest_from_json(const nlohmann::json& json);

}  // namespace eddy::host
