// SPDX-License-Identifier: Apache-2.0
// One value of the configuration, as its field's type says.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace eddy::host {

// monostate: none. A mapping is JSON text.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<std::string>>;

struct Field;

// A key that the file gives.
struct Given {
  const Field* field = nullptr;  // in the field table, which lives as long as the program
  Value value;
  std::string shown;         // secret fields: the text as written, environment variables not replaced, passwords masked
  int line = 0, column = 0;  // of the value
};

}  // namespace eddy::host
