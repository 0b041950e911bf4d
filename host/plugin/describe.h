// SPDX-License-Identifier: Apache-2.0
// Step "describe": the first code of a plugin that runs under the guard. Its entry function is asked for the plugin's
// table, and that for the manifest.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "plugin/load.h"
#include "plugin/manifest.h"
#include "plugin/note.h"

namespace eddy::host {

// Whatever the plugin does becomes a refusal; an image that faulted is not called again. [control thread]
Result<Manifest> describe_image(const LoadedImage& image, const eddy_host* host, const PluginNote& note,
                                std::uint32_t timeout_ms);

}  // namespace eddy::host
