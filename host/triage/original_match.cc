// SPDX-License-Identifier: Apache-2.0
#include "triage/original_match.h"

namespace eddy::host {

OriginalMatch::OriginalMatch(const std::vector<PointerMatch>& wanted) {
  for (const PointerMatch& match : wanted) {
    nlohmann::json json = nlohmann::json::parse(match.value, nullptr, false);
    wanted_.push_back({match, json.is_discarded() ? std::nullopt : std::optional(std::move(json))});
  }
}

// A string is as it is written, or as JSON; numbers are equal when their values are.
bool OriginalMatch::equal(const simdjson::dom::element& found, const Wanted& wanted) {
  std::string_view text;
  if (found.get(text) == simdjson::SUCCESS && text == wanted.match.value) return true;
  return wanted.json && nlohmann::json::parse(simdjson::minify(found), nullptr, false) == *wanted.json;
}

bool OriginalMatch::fits(Bytes original) {
  if (wanted_.empty()) return true;
  simdjson::dom::element root;
  if (original.null() || parser_.parse(original.data(), original.size(), false).get(root) != simdjson::SUCCESS)
    return false;
  for (const Wanted& wanted : wanted_) {
    simdjson::dom::element found = root;
    if (!wanted.match.pointer.empty() && root.at_pointer(wanted.match.pointer).get(found) != simdjson::SUCCESS)
      return false;
    if (!equal(found, wanted)) return false;
  }
  return true;
}

}  // namespace eddy::host
