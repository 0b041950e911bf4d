// SPDX-License-Identifier: Apache-2.0
// Globs on error types, sorted by how they are compared.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eddy::host {

// Immutable. Thread-safe.
class Patterns {
 public:
  explicit Patterns(std::span<const std::string> globs);
  bool match(std::string_view type) const;

 private:
  bool all_ = false;                   // "*"
  std::vector<std::string> exact_;     // sorted
  std::vector<std::string> prefixes_;  // "SIG*", without the star
  std::vector<std::string> globs_;     // all others
};

}  // namespace eddy::host
