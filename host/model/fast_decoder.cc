// SPDX-License-Identifier: Apache-2.0
// One pass over a record that is as it should be. It stops at the first thing that is not, and leaves the reason to
// the careful decoder: so the path that every record takes carries none of the work that few need.
#include <algorithm>
#include <cstring>

#include "model/row_decoder.h"

namespace eddy::host {
namespace {

constexpr std::uint32_t kMissing = 0xFFFFFFFF;  // a kind no value has
constexpr std::size_t kMaxCompared = 8;         // map entries up to which every key is compared with every other

// The values of a row while they come in. Slots are marked only where the record leaves the model's order, which most
// records do not.
struct Slots {
  eddy_value* values;
  std::size_t filled = 0;  // slots before it hold a value or kMissing
  bool gaps = false;

  void fill_to(std::size_t end) {
    for (; filled < end; ++filled) {
      values[filled].kind = kMissing;
      gaps = true;
    }
  }
};

class FastDecoder {
 public:
  FastDecoder(JsonWalker walker, RowMemory& memory) : walker_(walker), memory_(memory) {}

  const eddy_value* whole(const Model& model) {
    const eddy_value* values = row(model, kMaxDecodeLevels);
    return walker_.at_end() ? values : nullptr;
  }

 private:
  const eddy_value* row(const Model& model, unsigned levels);
  bool field(const Model& model, Slots& slots, std::size_t& hint, unsigned levels);
  bool value(const ModelType& type, eddy_value& out, unsigned levels);
  bool list(const ModelType& element, eddy_value& out, unsigned levels);
  bool map(const ModelType& element, eddy_value& out, unsigned levels);
  bool entry(const ModelType& element, unsigned levels);
  bool take_name(std::string_view& name);
  const eddy_value* collect(std::size_t mark);

  JsonWalker walker_;
  RowMemory& memory_;
};

// Missing fields become absent; false when one may not be.
bool complete(const Model& model, Slots& slots) {
  const auto& fields = model.fields();
  slots.fill_to(fields.size());
  if (!slots.gaps) return true;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (slots.values[i].kind != kMissing) continue;
    if (fields[i].type.kind != EDDY_TYPE_OPTIONAL) return false;
    slots.values[i] = {EDDY_VALUE_ABSENT, 0, {}};
  }
  return true;
}

bool keys_differ(const eddy_value* entries, std::size_t count) {
  const auto key = [entries](std::size_t i) { return std::string_view(entries[2 * i].as.text, entries[2 * i].count); };
  if (count > kMaxCompared) {
    std::vector<std::string_view> keys(count);
    for (std::size_t i = 0; i < count; ++i) keys[i] = key(i);
    std::sort(keys.begin(), keys.end());
    return std::adjacent_find(keys.begin(), keys.end()) == keys.end();
  }
  for (std::size_t i = 1; i < count; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (key(i) == key(j)) return false;
    }
  }
  return true;
}

const eddy_value* FastDecoder::row(const Model& model, unsigned levels) {
  if (levels == 0 || !walker_.take('{')) return nullptr;
  Slots slots{allocate_values(memory_.arena, model.fields().size())};
  if (!walker_.take('}')) {
    std::size_t hint = 0;
    do {
      if (!field(model, slots, hint, levels - 1)) return nullptr;
    } while (walker_.take(','));
    if (!walker_.take('}')) return nullptr;
  }
  return complete(model, slots) ? slots.values : nullptr;
}

bool FastDecoder::field(const Model& model, Slots& slots, std::size_t& hint, unsigned levels) {
  const auto& fields = model.fields();
  std::size_t index = hint;
  if (hint >= fields.size() || !walker_.take_key(fields[hint].json_key())) {
    std::string_view name;
    if (!take_name(name) || !walker_.take(':')) return false;
    const int found = model.find(name, hint);
    if (found < 0) return walker_.skip(levels);
    index = static_cast<std::size_t>(found);
  }
  hint = index + 1;
  if (index >= slots.filled) {
    slots.fill_to(index);
    slots.filled = index + 1;
  }
  return value(fields[index].type, slots.values[index], levels);
}

bool FastDecoder::take_name(std::string_view& name) {
  std::string_view content;
  return walker_.take_string(content) && decode_string(content, walker_.has_escapes(content), memory_.arena, name);
}

bool FastDecoder::value(const ModelType& type, eddy_value& out, unsigned levels) {
  switch (type.kind) {
    case EDDY_TYPE_OPTIONAL:
      if (walker_.peek() != 'n') return value(*type.element, out, levels);
      out = {EDDY_VALUE_ABSENT, 0, {}};
      return walker_.skip(levels);
    case EDDY_TYPE_MODEL:
      out = {EDDY_VALUE_ROW, static_cast<std::uint32_t>(type.model->fields().size()), {}};
      out.as.values = row(*type.model, levels);
      return out.as.values != nullptr;
    case EDDY_TYPE_LIST:
      return list(*type.element, out, levels);
    case EDDY_TYPE_MAP:
      return map(*type.element, out, levels);
    case EDDY_TYPE_JSON: {
      std::string_view raw;
      if (!walker_.skip(levels, raw)) return false;
      out = {EDDY_VALUE_JSON, static_cast<std::uint32_t>(raw.size()), {}};
      out.as.text = raw.data();
      return true;
    }
    default:
      if (walker_.at_end() || !decode_scalar(type, walker_.token(), walker_.escapes(), memory_.arena, out))
        return false;
      walker_.next();
      return true;
  }
}

// Moves what the stack holds above `mark` to the arena.
const eddy_value* FastDecoder::collect(std::size_t mark) {
  const std::size_t count = memory_.stack.size() - mark;
  eddy_value* values = allocate_values(memory_.arena, count);
  std::copy_n(memory_.stack.data() + mark, count, values);
  memory_.stack.resize(mark);
  return values;
}

bool FastDecoder::list(const ModelType& element, eddy_value& out, unsigned levels) {
  if (levels == 0 || !walker_.take('[')) return false;
  const std::size_t mark = memory_.stack.size();
  if (!walker_.take(']')) {
    do {
      eddy_value one;
      if (!value(element, one, levels - 1)) return false;
      memory_.stack.push_back(one);
    } while (walker_.take(','));
    if (!walker_.take(']')) return false;
  }
  out = {EDDY_VALUE_LIST, static_cast<std::uint32_t>(memory_.stack.size() - mark), {}};
  out.as.values = collect(mark);
  return true;
}

bool FastDecoder::entry(const ModelType& element, unsigned levels) {
  std::string_view name;
  if (!take_name(name) || !walker_.take(':')) return false;
  eddy_value pair[2] = {{EDDY_VALUE_STRING, static_cast<std::uint32_t>(name.size()), {}}, {}};
  pair[0].as.text = name.data();
  if (!value(element, pair[1], levels)) return false;
  memory_.stack.insert(memory_.stack.end(), pair, pair + 2);
  return true;
}

bool FastDecoder::map(const ModelType& element, eddy_value& out, unsigned levels) {
  if (levels == 0 || !walker_.take('{')) return false;
  const std::size_t mark = memory_.stack.size();
  if (!walker_.take('}')) {
    do {
      if (!entry(element, levels - 1)) return false;
    } while (walker_.take(','));
    if (!walker_.take('}')) return false;
  }
  const std::size_t count = (memory_.stack.size() - mark) / 2;
  out = {EDDY_VALUE_MAP, static_cast<std::uint32_t>(count), {}};
  out.as.values = collect(mark);
  return keys_differ(out.as.values, count);
}

}  // namespace

const eddy_value* decode_fast(const Model& model, JsonWalker walker, RowMemory& memory) {
  memory.stack.clear();
  return FastDecoder(walker, memory).whole(model);
}

}  // namespace eddy::host
