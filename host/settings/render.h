// SPDX-License-Identifier: Apache-2.0
// Settings as text.
#pragma once

#include <string>

#include "settings/settings.h"
#include "settings/value.h"

namespace eddy::host {

// A value as it is written in YAML: 1, 0.2, true, "a text", ["a", "b"]; a text in quotes only where it needs them.
std::string render_plain(const Value& value);

// The whole configuration as it is in force, as YAML that can be read back. Passwords are masked, and values of secret
// fields show environment variables by name.
std::string to_yaml(const Settings& settings);

}  // namespace eddy::host
