// SPDX-License-Identifier: Apache-2.0
#include "admin/json_shape.h"

#include <algorithm>
#include <string>
#include <vector>

namespace eddy::host {
namespace {

// Past the string that begins at `at`.
std::size_t after_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at + 1, text.size());
}

Error too_much(const std::string& most, std::size_t at) {
  return {Code::kUsage, "the body: expected at most " + most + ", found more at byte " + std::to_string(at)};
}

}  // namespace

Result<void> check_json_shape(std::string_view text) {
  std::vector<std::size_t> members;  // of the levels that are open; an array has none
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = after_string(text, at);
      continue;
    }
    if (c == '{' || c == '[') {
      if (members.size() == kMostJsonLevels) return too_much(std::to_string(kMostJsonLevels) + " levels", at);
      members.push_back(0);
    } else if ((c == '}' || c == ']') && !members.empty()) {
      members.pop_back();
    } else if (c == ':' && !members.empty() && ++members.back() > kMostJsonMembers) {
      return too_much(std::to_string(kMostJsonMembers) + " members of one object", at);
    }
    ++at;
  }
  return {};
}

}  // namespace eddy::host
