// SPDX-License-Identifier: Apache-2.0
// The second look at a record that did not go through: the text is known to be JSON, so what is wrong is in the
// model's terms, or a repeated key hides it. Clear rather than fast.
#include <algorithm>
#include <map>
#include <optional>

#include "model/row_decoder.h"

namespace eddy::host {
namespace {

class CarefulDecoder {
 public:
  CarefulDecoder(RowMemory& memory, ModelError& error) : memory_(memory), error_(error) {}

  const eddy_value* row(const Model& model, JsonWalker at);

 private:
  bool value(const ModelType& type, JsonWalker at, eddy_value& out);
  bool list(const ModelType& type, JsonWalker at, eddy_value& out);
  bool map(const ModelType& type, JsonWalker at, eddy_value& out);
  bool scalar(const ModelType& type, JsonWalker at, eddy_value& out);
  bool misfit(const ModelType& type, std::string_view found);
  bool below(std::string_view segment);
  std::map<std::string_view, JsonWalker> members(JsonWalker at);

  RowMemory& memory_;
  ModelError& error_;
};

bool CarefulDecoder::misfit(const ModelType& type, std::string_view found) {
  error_ = ModelError{false, "", expected_text(type), found_text(found)};
  return false;
}

// Puts a step in front of the pointer, on the way back up.
bool CarefulDecoder::below(std::string_view segment) {
  error_.pointer.insert(0, pointer_segment(segment));
  return false;
}

// The values of an object by their names, the last of each.
std::map<std::string_view, JsonWalker> CarefulDecoder::members(JsonWalker at) {
  std::map<std::string_view, JsonWalker> found;
  at.next();
  while (at.peek() == '"') {
    std::string_view content;
    std::string_view name;
    at.take_string(content);
    decode_string(content, at.has_escapes(content), memory_.arena, name);
    at.take(':');
    found.insert_or_assign(name, at);
    at.skip(kMaxDecodeLevels);
    at.take(',');
  }
  return found;
}

const eddy_value* CarefulDecoder::row(const Model& model, JsonWalker at) {
  const auto& fields = model.fields();
  eddy_value* values = allocate_values(memory_.arena, fields.size());
  const auto found = members(at);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const ModelType& type = fields[i].type;
    const auto member = found.find(fields[i].name);
    bool fits = true;
    if (member != found.end()) {
      fits = value(type, member->second, values[i]);
    } else if (type.kind == EDDY_TYPE_OPTIONAL) {
      values[i] = {EDDY_VALUE_ABSENT, 0, {}};
    } else {
      fits = misfit(type, "");
    }
    if (!fits) {
      below(fields[i].name);
      return nullptr;
    }
  }
  return values;
}

bool CarefulDecoder::value(const ModelType& type, JsonWalker at, eddy_value& out) {
  switch (type.kind) {
    case EDDY_TYPE_OPTIONAL:
      out = {EDDY_VALUE_ABSENT, 0, {}};
      return at.peek() == 'n' || value(*type.element, at, out);
    case EDDY_TYPE_MODEL:
      if (at.peek() != '{') return misfit(type, at.token());
      out = {EDDY_VALUE_ROW, static_cast<std::uint32_t>(type.model->fields().size()), {}};
      out.as.values = row(*type.model, at);
      return out.as.values != nullptr;
    case EDDY_TYPE_LIST:
      return list(type, at, out);
    case EDDY_TYPE_MAP:
      return map(type, at, out);
    default:
      return scalar(type, at, out);
  }
}

bool CarefulDecoder::scalar(const ModelType& type, JsonWalker at, eddy_value& out) {
  const JsonWalker here = at;
  if (type.kind == EDDY_TYPE_JSON) {
    std::string_view raw;
    at.skip(kMaxDecodeLevels, raw);
    out = {EDDY_VALUE_JSON, static_cast<std::uint32_t>(raw.size()), {}};
    out.as.text = raw.data();
    return true;
  }
  return decode_scalar(type, here.token(), here.escapes(), memory_.arena, out) || misfit(type, here.token());
}

bool CarefulDecoder::list(const ModelType& type, JsonWalker at, eddy_value& out) {
  if (at.peek() != '[') return misfit(type, at.token());
  at.next();
  std::vector<eddy_value> elements;
  while (at.peek() != ']') {
    eddy_value one;
    if (!value(*type.element, at, one)) return below(std::to_string(elements.size()));
    elements.push_back(one);
    at.skip(kMaxDecodeLevels);
    at.take(',');
  }
  eddy_value* values = allocate_values(memory_.arena, elements.size());
  std::copy(elements.begin(), elements.end(), values);
  out = {EDDY_VALUE_LIST, static_cast<std::uint32_t>(elements.size()), {}};
  out.as.values = values;
  return true;
}

bool CarefulDecoder::map(const ModelType& type, JsonWalker at, eddy_value& out) {
  if (at.peek() != '{') return misfit(type, at.token());
  const auto found = members(at);
  eddy_value* entries = allocate_values(memory_.arena, 2 * found.size());
  out = {EDDY_VALUE_MAP, static_cast<std::uint32_t>(found.size()), {}};
  out.as.values = entries;
  for (const auto& [name, member] : found) {
    entries[0] = {EDDY_VALUE_STRING, static_cast<std::uint32_t>(name.size()), {}};
    entries[0].as.text = name.data();
    if (!value(*type.element, member, entries[1])) return below(name);
    entries += 2;
  }
  return true;
}

}  // namespace

const eddy_value* decode_careful(const Model& model, JsonWalker walker, RowMemory& memory, ModelError& error) {
  if (walker.peek() != '{') {
    error = ModelError{false, "", "an object", found_text(walker.token())};
    return nullptr;
  }
  return CarefulDecoder(memory, error).row(model, walker);
}

}  // namespace eddy::host
