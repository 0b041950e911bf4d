// SPDX-License-Identifier: Apache-2.0
// Looks into originals: does the JSON have this value there?
#pragma once

#include <simdjson.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "triage/letter_filter.h"

namespace eddy::host {

// Keeps its parser. Not thread-safe.
class OriginalMatch {
 public:
  explicit OriginalMatch(const std::vector<PointerMatch>& wanted);

  bool any() const { return !wanted_.empty(); }  // without one everything fits
  // 64 readable bytes follow `original`. What is no JSON fits nothing.
  bool fits(Bytes original);

 private:
  struct Wanted {
    PointerMatch match;
    std::optional<nlohmann::json> json;  // the value, when it is JSON too
  };
  static bool equal(const simdjson::dom::element& found, const Wanted& wanted);

  std::vector<Wanted> wanted_;
  simdjson::dom::parser parser_;
};

}  // namespace eddy::host
