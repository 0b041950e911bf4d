// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/text.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/encoding.h"

namespace eddy::host {

namespace {

// Bytes of `byte` inside a JSON string, at most: an invalid one becomes U+FFFD, three bytes.
std::size_t json_cost(std::uint8_t byte) {
  if (byte < 0x20) return 6;
  if (byte == '"' || byte == '\\') return 2;
  return byte < 0x80 ? 1 : 3;
}

// "00" to "ff".
constexpr std::array<char, 512> make_hex_pairs() {
  std::array<char, 512> pairs{};
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (std::size_t i = 0; i < 256; ++i) {
    pairs[i * 2] = kDigits[i >> 4];
    pairs[i * 2 + 1] = kDigits[i & 15];
  }
  return pairs;
}
constexpr auto kHexPairs = make_hex_pairs();

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
  char digits[64];
  while (!bytes.empty()) {
    const std::size_t count = std::min(bytes.size(), sizeof digits / 2);
    for (std::size_t i = 0; i < count; ++i) {
      std::memcpy(digits + i * 2, kHexPairs.data() + static_cast<std::uint8_t>(bytes[i]) * std::size_t{2}, 2);
    }
    out.append(digits, count * 2);
    bytes.remove_prefix(count);
  }
}

void TimeWriter::append(std::string& out, std::int64_t microseconds) {
  constexpr std::int64_t kSecond = 1'000'000;
  constexpr std::int64_t kFirstSecond =
      -62'167'219'200;  // of the years 0000 to 9999; others are written as an end of it
  constexpr std::int64_t kLastSecond = 253'402'300'799;
  constexpr std::size_t kLastDigit = 25;  // of "0000-00-00T00:00:00.000000Z"
  std::int64_t in_second = microseconds % kSecond;
  if (in_second < 0) in_second += kSecond;
  const std::int64_t second = (microseconds - in_second) / kSecond;
  if (second != second_) {
    text_.clear();
    append_rfc3339(text_, microseconds);
    const bool writable = second >= kFirstSecond && second <= kLastSecond;
    second_ = writable ? second : INT64_MIN;
  } else {
    for (std::size_t at = kLastDigit; at > kLastDigit - 6; --at, in_second /= 10) {
      text_[at] = static_cast<char>('0' + in_second % 10);
    }
  }
  out.append(text_);
}

std::int64_t parse_time(std::string_view text) {
  if (const auto time = from_rfc3339(text)) return *time;
  if (text.size() > 40) return 0;
  return from_rfc3339(std::string(text) + "Z").value_or(0);
}

}  // namespace eddy::host
