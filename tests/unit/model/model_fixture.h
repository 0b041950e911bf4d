// SPDX-License-Identifier: Apache-2.0
// Declarations of models as a plugin would make them, without writing them out.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "model/model.h"

namespace eddy::host::test {

// Owns what it declares, as a plugin's static data would.
class Declarations {
 public:
  const eddy_type* type(std::uint32_t kind) { return add({sizeof(eddy_type), kind, nullptr, nullptr, nullptr, 0}); }
  const eddy_type* optional(const eddy_type* element) { return with_element(EDDY_TYPE_OPTIONAL, element); }
  const eddy_type* list(const eddy_type* element) { return with_element(EDDY_TYPE_LIST, element); }
  const eddy_type* map(const eddy_type* element) { return with_element(EDDY_TYPE_MAP, element); }
  const eddy_type* with_element(std::uint32_t kind, const eddy_type* element) {
    return add({sizeof(eddy_type), kind, element, nullptr, nullptr, 0});
  }
  const eddy_type* nested(const eddy_model* model) {
    return add({sizeof(eddy_type), EDDY_TYPE_MODEL, nullptr, model, nullptr, 0});
  }
  const eddy_type* symbols(std::vector<std::string> names) {
    auto& kept = symbols_.emplace_back();
    for (std::string& name : names) kept.push_back(text(std::move(name)));
    return add({sizeof(eddy_type), EDDY_TYPE_ENUM, nullptr, nullptr, kept.data(), kept.size()});
  }

  struct Field {
    std::string name;
    const eddy_type* type;
    std::uint32_t flags = 0;
  };
  eddy_model* model(std::string name, const std::vector<Field>& fields) {
    auto& kept = fields_.emplace_back();
    for (const Field& field : fields) {
      kept.push_back({sizeof(eddy_field), field.flags, text(field.name), field.type});
    }
    return &models_.emplace_back(eddy_model{sizeof(eddy_model), static_cast<std::uint32_t>(kept.size()),
                                            sizeof(eddy_field), 0, text(std::move(name)), kept.data(), nullptr});
  }
  eddy_field* fields_of(const eddy_model* model) { return const_cast<eddy_field*>(model->fields); }

 private:
  const eddy_type* add(eddy_type type) { return &types_.emplace_back(type); }
  eddy_str text(std::string value) { return to_abi(texts_.emplace_back(std::move(value))); }

  std::deque<eddy_type> types_;
  std::deque<eddy_model> models_;
  std::deque<std::vector<eddy_field>> fields_;
  std::deque<std::vector<eddy_str>> symbols_;
  std::deque<std::string> texts_;
};

// A model of one field "v".
inline std::shared_ptr<const Model> model_of(Declarations& declarations, const eddy_type* type) {
  return *Model::compile(declarations.model("M", {{"v", type}}));
}

}  // namespace eddy::host::test
