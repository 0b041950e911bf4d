// SPDX-License-Identifier: Apache-2.0
#include "function/policy/patterns.h"

#include <algorithm>

#include "settings/glob.h"

namespace eddy::host {

Patterns::Patterns(std::span<const std::string> globs) {
  for (const std::string& glob : globs) {
    const std::size_t first = glob.find_first_of("*?");
    if (glob == "*") {
      all_ = true;
    } else if (first == std::string::npos) {
      exact_.push_back(glob);
    } else if (first + 1 == glob.size() && glob[first] == '*') {
      prefixes_.push_back(glob.substr(0, first));
    } else {
      globs_.push_back(glob);
    }
  }
  std::sort(exact_.begin(), exact_.end());
}

bool Patterns::match(std::string_view type) const {
  const auto begins = [&](const std::string& prefix) { return type.starts_with(prefix); };
  const auto matches = [&](const std::string& glob) { return glob_match(glob, type); };
  return all_ || std::binary_search(exact_.begin(), exact_.end(), type) ||
         std::any_of(prefixes_.begin(), prefixes_.end(), begins) || std::any_of(globs_.begin(), globs_.end(), matches);
}

}  // namespace eddy::host
