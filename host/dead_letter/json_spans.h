// SPDX-License-Identifier: Apache-2.0
// Where in a JSON text the values stand that pointers name.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace eddy::host {

struct JsonSpan {
  std::size_t begin = 0, end = 0;
  bool operator==(const JsonSpan&) const = default;
};

// In the order of the text; of values within each other only the outer one. Each pointer is a list of tokens; `*`
// stands for all of its level. None: the text is not one JSON value, white space around it allowed, or is nested too
// deeply.
std::optional<std::vector<JsonSpan>> json_spans(std::string_view text,
                                                const std::vector<std::vector<std::string>>& pointers);

// The text of a JSON string, with its quotes, unescaped; none when it is no string or does not unescape.
std::optional<std::string> json_unescaped(std::string_view token);

}  // namespace eddy::host
