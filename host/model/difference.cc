// SPDX-License-Identifier: Apache-2.0
// Model::difference(): the first place where two models disagree, in words.
#include "model/model.h"
#include "model/model_error.h"

namespace eddy::host {
namespace {

std::string difference_at(const std::string& pointer, const Model& here, const Model& there);

std::string type_difference(const std::string& pointer, const ModelType& here, const ModelType& there) {
  if (here.kind == there.kind) {
    if (here.kind == EDDY_TYPE_MODEL) return difference_at(pointer, *here.model, *there.model);
    if (here.element != nullptr) return type_difference(pointer, *here.element, *there.element);
  }
  const std::string here_text = here.kind == EDDY_TYPE_MODEL ? "model " + here.model->name() : here.text();
  const std::string there_text = there.kind == EDDY_TYPE_MODEL ? "model " + there.model->name() : there.text();
  if (here_text == there_text) return {};
  return "field " + pointer + " is " + here_text + " here and " + there_text + " there";
}

std::string flag_difference(const std::string& pointer, const char* what, bool here, bool there) {
  if (here == there) return {};
  return "field " + pointer + " is " + what + (here ? " here and not there" : " there and not here");
}

std::string field_difference(const std::string& pointer, const ModelField& here, const ModelField& there) {
  std::string text = type_difference(pointer, here.type, there.type);
  if (text.empty()) text = flag_difference(pointer, "unique", here.unique, there.unique);
  if (text.empty()) text = flag_difference(pointer, "a key", here.key, there.key);
  return text;
}

std::string place(std::size_t index) { return std::to_string(index + 1); }

std::string difference_at(const std::string& pointer, const Model& here, const Model& there) {
  if (here.name() != there.name()) {
    const std::string what = pointer.empty() ? "the model" : "the model of field " + pointer;
    return what + " is " + here.name() + " here and " + there.name() + " there";
  }
  for (std::size_t i = 0; i < here.fields().size(); ++i) {
    const ModelField& field = here.fields()[i];
    const std::string at = pointer + pointer_segment(field.name);
    const int other = there.find(field.name, i);
    if (other < 0) return "field " + at + " is missing there";
    std::string text = field_difference(at, field, there.fields()[static_cast<std::size_t>(other)]);
    if (!text.empty()) return text;
  }
  for (std::size_t i = 0; i < there.fields().size(); ++i) {
    const std::string& name = there.fields()[i].name;
    const int index = here.find(name, i);
    if (index < 0) return "field " + pointer + pointer_segment(name) + " is missing here";
    if (static_cast<std::size_t>(index) != i) {
      return "field " + pointer + pointer_segment(name) + " is in place " + place(static_cast<std::size_t>(index)) +
             " here and " + place(i) + " there";
    }
  }
  return {};
}

}  // namespace

std::string Model::difference(const Model& other) const {
  if (signature_ == other.signature_) return {};
  return difference_at("", *this, other);
}

}  // namespace eddy::host
