// SPDX-License-Identifier: Apache-2.0
// A function with no host around it: what it would write is captured, or let go.
#pragma once

#include <map>
#include <string>

#include "function/binding.h"
#include "settings/settings.h"

namespace eddy::host {

// Where dead letters go in a session that captures them.
constexpr StreamId kQueueAlone{UINT32_MAX};
constexpr StreamId kParkedAlone{UINT32_MAX - 1};

// Every stream the plugin names is a destination, and so are `others`; nothing is checked against other plugins. kUsage
// when there is no such function.
Result<BindingPtr> bind_alone(const ImagePtr& image, const Settings& settings, const std::string& name,
                              const std::map<std::string, ModelPtr>& others = {});

}  // namespace eddy::host
