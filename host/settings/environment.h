// SPDX-License-Identifier: Apache-2.0
// Environment variables inside of configuration values.
#pragma once

#include <string>
#include <string_view>

namespace eddy::host {

struct Expanded {
  std::string text;
  bool replaced = false;  // at least one variable was
  std::string problem;    // not empty: what is wrong, and `text` is meaningless
};

// Replaces `${NAME}` by the variable's value, which must be set, and `${NAME:-default}` by the default when the
// variable is unset or empty. The default ends at the next `}`. `$${` stands for `${`. Values are not expanded again.
Expanded expand_environment(std::string_view text);

}  // namespace eddy::host
