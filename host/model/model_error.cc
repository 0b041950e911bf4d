// SPDX-License-Identifier: Apache-2.0
#include "model/model_error.h"

#include "base/encoding.h"

namespace eddy::host {
namespace {

constexpr std::size_t kMaxShown = 64;
constexpr std::size_t kMaxSymbolsShown = 10;

// At most `limit` bytes, never half a character.
std::string cut(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  text = text.substr(0, limit);
  while (!text.empty() && !is_utf8(text)) text.remove_suffix(1);
  return std::string(text) + "...";
}

std::string symbols_text(const std::vector<std::string>& symbols) {
  std::string text = "one of ";
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    if (i == kMaxSymbolsShown) return text + ", ... (" + std::to_string(symbols.size()) + " in all)";
    text.append(i == 0 ? "" : ", ").append(symbols[i]);
  }
  return text;
}

}  // namespace

std::string ModelError::message() const {
  return (pointer.empty() ? "" : pointer + ": ") + "expected " + expected + ", found " + found;
}

std::string pointer_segment(std::string_view name) {
  std::string segment = "/";
  for (const char c : name) {
    if (c == '~') {
      segment.append("~0");
    } else if (c == '/') {
      segment.append("~1");
    } else {
      segment.push_back(c);
    }
  }
  return segment;
}

std::string expected_text(const ModelType& type) {
  switch (type.kind) {
    case EDDY_TYPE_BOOL:
      return "true or false";
    case EDDY_TYPE_I8:
      return "an 8-bit integer";
    case EDDY_TYPE_I16:
      return "a 16-bit integer";
    case EDDY_TYPE_I32:
      return "a 32-bit integer";
    case EDDY_TYPE_I64:
      return "a 64-bit integer";
    case EDDY_TYPE_U8:
      return "an unsigned 8-bit integer";
    case EDDY_TYPE_U16:
      return "an unsigned 16-bit integer";
    case EDDY_TYPE_U32:
      return "an unsigned 32-bit integer";
    case EDDY_TYPE_U64:
      return "an unsigned 64-bit integer";
    case EDDY_TYPE_F32:
      return "a number in the range of a 32-bit float";
    case EDDY_TYPE_F64:
      return "a number in the range of a double";
    case EDDY_TYPE_STRING:
      return "a string";
    case EDDY_TYPE_TIMESTAMP:
      return "an RFC 3339 time or epoch seconds";
    case EDDY_TYPE_ENUM:
      return symbols_text(type.symbols);
    case EDDY_TYPE_OPTIONAL:
      return expected_text(*type.element);
    case EDDY_TYPE_LIST:
      return "an array";
    case EDDY_TYPE_JSON:
      return "any JSON value";
    default:
      return "an object";
  }
}

std::string found_text(std::string_view token) {
  if (token.empty()) return "nothing";
  switch (token.front()) {
    case '{':
      return "an object";
    case '[':
      return "an array";
    case 't':
    case 'f':
    case 'n':
      return cut(token, kMaxShown);
    case '"':
      break;
    default:
      return "the number " + cut(token, kMaxShown);
  }
  const std::string_view content = token.substr(1, token.size() >= 2 ? token.size() - 2 : 0);
  return "the string \"" + cut(content, kMaxShown) + "\"";
}

}  // namespace eddy::host
