// SPDX-License-Identifier: Apache-2.0
// A YAML mapping as JSON text, for sections whose keys are not ours to know.
#pragma once

#include <yaml-cpp/yaml.h>

#include <map>
#include <string>

#include "settings/report.h"

namespace eddy::host {

struct JsonValue {
  std::string text;   // compact JSON, keys in file order, environment variables replaced
  std::string shown;  // the same as written, variables not replaced, secrets masked
};

// What cannot be JSON (keys that are no names, keys given twice, loops of aliases) goes to the report, with `path`.
JsonValue to_json(const YAML::Node& mapping, const std::string& path, Report& report);

// A mapping of names to texts, each taken as it is written: 5, 0.10 and true stay what they are. Values under names
// that may be secret are shown masked.
JsonValue to_properties(const YAML::Node& mapping, const std::string& path, Report& report);
std::map<std::string, std::string> from_properties(const std::string& json);
std::string to_properties(const std::map<std::string, std::string>& properties);

// Reports keys given twice and keys that are no plain names; true when there are none.
bool check_keys(const YAML::Node& mapping, const std::string& path, Report& report);

}  // namespace eddy::host
