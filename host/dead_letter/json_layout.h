// SPDX-License-Identifier: Apache-2.0
// JSON laid out for a reader, and back: only white space between tokens comes and goes, so that numbers, escapes and
// the order of members stay as they are.
#pragma once

#include <string>
#include <string_view>

namespace eddy::host {

bool is_json(std::string_view text);

// Of text that is JSON: a line for each member and element, two blanks for each level.
std::string laid_out(std::string_view json);
// Of text that is JSON: no white space outside of strings.
std::string compacted(std::string_view json);

}  // namespace eddy::host
