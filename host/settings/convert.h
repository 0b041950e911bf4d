// SPDX-License-Identifier: Apache-2.0
// From a YAML node to a field's value.
#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>
#include <string>

#include "settings/fields.h"
#include "settings/report.h"

namespace eddy::host {

// The value, checked against all that the field says. Nothing when something is wrong; then it is in the report.
std::optional<Given> convert(const Field& field, const std::string& path, const YAML::Node& key,
                             const YAML::Node& value, Report& report);

// "a mapping", "a list", "nothing", or the scalar as written.
std::string describe(const YAML::Node& node);

}  // namespace eddy::host
