// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/json_layout.h"

#include "dead_letter/json_spans.h"

namespace eddy::host {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Where the string that begins at `at` ends.
std::size_t string_end(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

}  // namespace

bool is_json(std::string_view text) { return json_spans(text, {}).has_value(); }

std::string compacted(std::string_view json) {
  std::string out;
  for (std::size_t at = 0; at < json.size();) {
    const std::size_t end = json[at] == '"' ? string_end(json, at) : at + 1;
    if (!is_space(json[at])) out.append(json.substr(at, end - at));
    at = end;
  }
  return out;
}

std::string laid_out(std::string_view json) {
  const std::string text = compacted(json);
  std::string out;
  std::size_t depth = 0;
  const auto new_line = [&] { out.append("\n").append(2 * depth, ' '); };
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const std::size_t end = c == '"' ? string_end(text, at) : at + 1;
    const bool opens = c == '{' || c == '[', closes = c == '}' || c == ']';
    const bool empty = opens && (text[at + 1] == '}' || text[at + 1] == ']');
    if (closes) {
      --depth;
      if (out.back() != '{' && out.back() != '[') new_line();
    }
    out.append(text, at, end - at);
    depth += opens ? 1 : 0;
    if ((opens && !empty) || c == ',') new_line();
    if (c == ':') out.push_back(' ');
    at = end;
  }
  return out;
}

}  // namespace eddy::host
