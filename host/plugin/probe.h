// SPDX-License-Identifier: Apache-2.0
// Step "probe": a seam. Called at its place in the order, between copying and loading, where a child process may try
// what a fault inside the loader would make unsurvivable here; accepts every file.
#pragma once

#include <string>

#include "base/result.h"
#include "plugin/manifest.h"

namespace eddy::host {

inline Result<void> probe(const std::string& /*mapped_path*/, const PluginIdentity& /*identity*/) { return {}; }

}  // namespace eddy::host
