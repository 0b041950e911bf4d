// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/text.h"

#include "base/encoding.h"

namespace eddy::host {

namespace {

// Bytes of `byte` inside a JSON string, at most: an invalid one becomes U+FFFD, three bytes.
std::size_t json_cost(std::uint8_t byte) {
  if (byte < 0x20) return 6;
  if (byte == '"' || byte == '\\') return 2;
  return byte < 0x80 ? 1 : 3;
}

bool is_continuation(char c) { return (static_cast<std::uint8_t>(c) & 0xC0) == 0x80; }

// Length of the valid UTF-8 sequence at the front of `text`, 0 if there is none.
std::size_t sequence_length(std::string_view text) {
  for (std::size_t length = 1; length <= 4 && length <= text.size(); ++length) {
    if (is_utf8(text.substr(0, length))) return length;
  }
  return 0;
}

}  // namespace

std::string_view fit_json(std::string_view text, std::size_t room) {
  std::size_t end = 0;
  for (; end < text.size(); ++end) {
    const std::size_t cost = json_cost(static_cast<std::uint8_t>(text[end]));
    if (cost > room) break;
    room -= cost;
  }
  if (end == text.size()) return text;
  const std::size_t reached = end;
  while (end > 0 && reached - end < 4 && is_continuation(text[end])) --end;
  return text.substr(0, is_continuation(text[end]) ? reached : end);
}

std::string_view as_utf8(std::string_view text, std::string& scratch) {
  if (is_utf8(text)) return text;
  scratch.clear();
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    scratch.append(length != 0 ? text.substr(0, length) : std::string_view("\xEF\xBF\xBD"));
    text.remove_prefix(length != 0 ? length : 1);
  }
  return scratch;
}

void append_hex(std::string& out, std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  const std::size_t start = out.size();
  out.resize(start + bytes.size() * 2);
  char* at = out.data() + start;
  for (const char c : bytes) {
    *at++ = kDigits[static_cast<std::uint8_t>(c) >> 4];
    *at++ = kDigits[static_cast<std::uint8_t>(c) & 15];
  }
}

std::int64_t parse_time(std::string_view text) {
  if (const auto time = from_rfc3339(text)) return *time;
  if (text.size() > 40) return 0;
  return from_rfc3339(std::string(text) + "Z").value_or(0);
}

}  // namespace eddy::host
