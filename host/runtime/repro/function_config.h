// SPDX-License-Identifier: Apache-2.0
// A function's settings as they hold, all sections laid over each other, as a configuration of its own.
#pragma once

#include <string>

#include "settings/settings.h"

namespace eddy::host {

// JSON, which every reader of the configuration takes; only what is not the default. Secrets are as they are.
std::string function_config(const Settings& settings, const std::string& function);

}  // namespace eddy::host
