// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "model/json_scalar.h"

namespace eddy::host {
namespace {

// Four hexadecimal digits, or -1.
int take_hex4(const char*& at, const char* end) {
  if (end - at < 4) return -1;
  int value = 0;
  for (int i = 0; i < 4; ++i, ++at) {
    const char c = *at;
    const char lower = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9') {
      value = value * 16 + (c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      value = value * 16 + (lower - 'a' + 10);
    } else {
      return -1;
    }
  }
  return value;
}

constexpr bool is_high_surrogate(int unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
constexpr bool is_low_surrogate(int unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

// A code point after \u, the second half of a pair included; -1 when there is none.
int take_unicode(const char*& at, const char* end) {
  const int unit = take_hex4(at, end);
  if (unit < 0 || is_low_surrogate(unit)) return -1;
  if (!is_high_surrogate(unit)) return unit;
  if (end - at < 2 || at[0] != '\\' || at[1] != 'u') return -1;
  at += 2;
  const int low = take_hex4(at, end);
  if (!is_low_surrogate(low)) return -1;
  return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
}

// The code point of an escape whose backslash has been read; -1 when it is none.
int take_escape(const char*& at, const char* end) {
  if (at == end) return -1;
  switch (*at++) {
    case '"':
      return '"';
    case '\\':
      return '\\';
    case '/':
      return '/';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'u':
      return take_unicode(at, end);
    default:
      return -1;
  }
}

char* put_utf8(char* out, int code_point) {
  const auto put = [&out](int byte) { *out++ = static_cast<char>(byte); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | (code_point >> 6));
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | (code_point >> 12));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | (code_point >> 18));
    put(0x80 | ((code_point >> 12) & 0x3F));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
  return out;
}

const char* find_backslash(const char* at, const char* end) {
  const void* found = std::memchr(at, '\\', static_cast<std::size_t>(end - at));
  return found != nullptr ? static_cast<const char*>(found) : end;
}

}  // namespace

bool check_escapes(std::string_view content) {
  const char* end = content.data() + content.size();
  for (const char* at = find_backslash(content.data(), end); at != end; at = find_backslash(at, end)) {
    ++at;
    if (take_escape(at, end) < 0) return false;
  }
  return true;
}

std::optional<std::string_view> unescape(std::string_view content, char* out) {
  const char* at = content.data();
  const char* end = at + content.size();
  char* begin = out;
  while (true) {
    const char* backslash = find_backslash(at, end);
    std::memcpy(out, at, static_cast<std::size_t>(backslash - at));
    out += backslash - at;
    if (backslash == end) return std::string_view(begin, static_cast<std::size_t>(out - begin));
    at = backslash + 1;
    const int code_point = take_escape(at, end);
    if (code_point < 0) return std::nullopt;
    out = put_utf8(out, code_point);
  }
}

}  // namespace eddy::host
