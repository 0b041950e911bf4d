// SPDX-License-Identifier: Apache-2.0
// Records at the edges of what a function may be given.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plugin/manifest.h"

namespace eddy::host {

struct EdgeRecord {
  std::string what;
  std::optional<std::string> key;  // nullopt: null
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

// For a function over a queue each value is the original within a dead letter.
std::vector<EdgeRecord> edge_records(const FunctionDecl& function);

}  // namespace eddy::host
