// SPDX-License-Identifier: Apache-2.0
// A YAML mapping as JSON text, for sections whose keys are not ours to know.
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>

#include "settings/report.h"

namespace eddy::host {

struct JsonValue {
  std::string text;   // compact JSON, keys in file order, environment variables replaced
  std::string shown;  // the same as written, variables not replaced, secrets masked
};

// What cannot be JSON (keys that are no names, keys given twice, loops of aliases) goes to the report, with `path`.
JsonValue to_json(const YAML::Node& mapping, const std::string& path, Report& report);

// Reports keys given twice and keys that are no plain names; true when there are none.
bool check_keys(const YAML::Node& mapping, const std::string& path, Report& report);

}  // namespace eddy::host
