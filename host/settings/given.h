// SPDX-License-Identifier: Apache-2.0
// Finding what a file gives, and its place for a finding.
#pragma once

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "settings/fields.h"

namespace eddy::host {

inline YAML::Mark mark_of(int line, int column) {
  YAML::Mark at;
  at.line = line - 1;
  at.column = column - 1;
  return at;
}

inline YAML::Mark mark_of(const Given& given) { return mark_of(given.line, given.column); }

// Null when the key is not given.
inline const Given* find_given(const std::vector<Given>& given, std::string_view path) {
  const auto found =
      std::find_if(given.begin(), given.end(), [&](const Given& one) { return one.field->path == path; });
  return found == given.end() ? nullptr : &*found;
}

}  // namespace eddy::host
