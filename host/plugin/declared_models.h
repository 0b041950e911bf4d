// SPDX-License-Identifier: Apache-2.0
// Models from JSON, as the declarations that a plugin would have made.
#pragma once

#include <deque>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "eddy/abi.h"

namespace eddy::host {

// Owns what its declarations point to. Members of the JSON that are missing, or not what they should be, become empty:
// the checks of declarations refuse them.
class DeclaredModels {
 public:
  explicit DeclaredModels(const nlohmann::json& list);
  DeclaredModels(const DeclaredModels&) = delete;
  DeclaredModels& operator=(const DeclaredModels&) = delete;

  // Null: none at that place, or none asked for.
  const eddy_model* at(const nlohmann::json& place) const;
  // Keeps a text for as long as this lives; null when there is none, or it is empty.
  eddy_str text(const nlohmann::json& object, const char* member);

 private:
  const eddy_type* type(const nlohmann::json& json, int depth);
  eddy_str keep(const nlohmann::json& text);

  std::deque<std::string> texts_;
  std::deque<eddy_type> types_;
  std::deque<std::vector<eddy_str>> symbols_;
  std::deque<std::vector<eddy_field>> fields_;
  std::deque<eddy_model> models_;
};

// A member that is a number from 0 to what 32 bits hold; else 0.
std::uint32_t number_in(const nlohmann::json& object, const char* member);
// A member whatever it is; null when there is none.
const nlohmann::json& member_of(const nlohmann::json& object, const char* member);
// A member that is a list; else an empty one.
const nlohmann::json& list_in(const nlohmann::json& object, const char* member);

}  // namespace eddy::host
