// SPDX-License-Identifier: Apache-2.0
// The very build that failed, found by what its file hashes to.
#pragma once

#include <optional>
#include <string>

#include "settings/settings.h"

namespace eddy::host {

// In the plugin directory, and among the copies that a host keeps of what it runs. None: it is not on this machine any
// more.
std::optional<std::string> find_build(const Settings& settings, const std::string& sha256);

}  // namespace eddy::host
