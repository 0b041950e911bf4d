// SPDX-License-Identifier: Apache-2.0
// The walk that fills rows. Private to this folder.
#pragma once

#include <string_view>
#include <vector>

#include "eddy/abi.h"
#include "model/arena.h"
#include "model/json_text.h"
#include "model/model.h"
#include "model/model_error.h"

namespace eddy::host {

constexpr unsigned kMaxDecodeLevels = 64;

// What the walk uses and leaves things in.
struct RowMemory {
  Arena arena;
  std::vector<eddy_value> stack;  // elements of lists and maps while their number is not known
};

// Decodes the indexed text in one pass, checking every token. Null for whatever is not right, without a reason: it may
// be the text, the model, or a repeated key whose earlier value does not fit.
const eddy_value* decode_fast(const Model& model, JsonWalker walker, RowMemory& memory);

// Decodes a text that has been checked, the last of repeated keys counting; null with `error` filled.
const eddy_value* decode_careful(const Model& model, JsonWalker walker, RowMemory& memory, ModelError& error);

// A scalar token (or a JSON string) as a value of a scalar type; false when it does not fit. `content` of strings lives
// in the text or in the arena.
bool decode_scalar(const ModelType& type, std::string_view token, bool escapes, Arena& arena, eddy_value& value);

// The content of a string, its escapes resolved. False: a wrong escape.
inline bool decode_string(std::string_view content, bool escapes, Arena& arena, std::string_view& text) {
  text = content;
  if (!escapes) return true;
  const auto plain = unescape(content, arena.allocate(content.size()));
  if (!plain) return false;
  text = *plain;
  return true;
}

inline eddy_value* allocate_values(Arena& arena, std::size_t count) {
  return reinterpret_cast<eddy_value*>(arena.allocate(count * sizeof(eddy_value)));
}

}  // namespace eddy::host
