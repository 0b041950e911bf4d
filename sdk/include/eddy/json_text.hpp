// SPDX-License-Identifier: Apache-2.0
// As much JSON as a configuration section needs: takes a text apart at its top level. The host has made the text, so
// what it does not check (the inside of nested values) is only carried along; no text makes it read out of bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eddy/hidden.hpp"

namespace eddy {
namespace detail EDDY_HIDDEN {

// Reads values from a text, one after another.
class JsonText {
 public:
  explicit JsonText(std::string_view text) : text_(text) {}

  bool take(char wanted) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  bool at_end() {
    skip_space();
    return at_ == text_.size();
  }
  // One value as its text; empty when there is none.
  std::string_view value() {
    skip_space();
    const std::size_t begin = at_;
    int depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        if (!skip_string()) return {};
      } else if (depth == 0 && (c == ',' || c == ':' || c == '}' || c == ']' || is_space(c))) {
        break;
      } else {
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
        ++at_;
      }
      if (depth == 0 && (c == '"' || c == '}' || c == ']')) break;
    }
    return depth == 0 ? text_.substr(begin, at_ - begin) : std::string_view();
  }

 private:
  static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  bool skip_string() {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        ++at_;
        return true;
      }
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

inline void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

// The four digits of a \u escape at `at`.
inline bool read_hex4(std::string_view text, std::size_t at, std::uint32_t& code) {
  if (at + 4 > text.size()) return false;
  code = 0;
  for (const char c : text.substr(at, 4)) {
    const std::string_view digits = "0123456789abcdef0123456789ABCDEF";
    const std::size_t digit = digits.find(c);
    if (digit == std::string_view::npos) return false;
    code = code << 4 | static_cast<std::uint32_t>(digit & 15);
  }
  return true;
}

// A \u escape (its first digit at `at`), surrogate pairs included; moves `at` to its last digit.
inline bool unescape_unicode(std::string_view text, std::size_t& at, std::string& out) {
  std::uint32_t code = 0;
  if (!read_hex4(text, at, code)) return false;
  at += 3;
  if (code >= 0xD800 && code < 0xDC00) {
    std::uint32_t low = 0;
    if (text.substr(at + 1, 2) != "\\u" || !read_hex4(text, at + 3, low) || low < 0xDC00 || low > 0xDFFF) return false;
    at += 6;
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  append_utf8(out, code);
  return true;
}

// The string that `raw`, a JSON string with its quotes, stands for.
inline bool unquote_json(std::string_view raw, std::string& out) {
  if (raw.size() < 2 || raw.front() != '"' || raw.back() != '"') return false;
  raw = raw.substr(1, raw.size() - 2);
  out.clear();
  for (std::size_t at = 0; at < raw.size(); ++at) {
    if (raw[at] != '\\') {
      out += raw[at];
      continue;
    }
    if (++at == raw.size()) return false;
    constexpr std::string_view kEscapes = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const std::size_t escape = kEscapes.find(raw[at]);
    if (escape != std::string_view::npos) {
      out += kMeanings[escape];
    } else if (raw[at] != 'u' || !unescape_unicode(raw, ++at, out)) {
      return false;
    }
  }
  return true;
}

// Calls one(reader) for every element between the brackets of an array or object.
template <class One>
bool split_json(std::string_view text, char open, char close, One&& one) {
  JsonText reader(text);
  if (!reader.take(open)) return false;
  if (reader.take(close)) return reader.at_end();
  do {
    if (!one(reader)) return false;
  } while (reader.take(','));
  return reader.take(close) && reader.at_end();
}

inline bool split_json_array(std::string_view text, std::vector<std::string>& items) {
  return split_json(text, '[', ']', [&items](JsonText& reader) {
    items.emplace_back(reader.value());
    return !items.back().empty();
  });
}

inline bool split_json_object(std::string_view text, std::vector<std::pair<std::string, std::string>>& entries) {
  return split_json(text, '{', '}', [&entries](JsonText& reader) {
    std::string key;
    if (!unquote_json(reader.value(), key) || !reader.take(':')) return false;
    entries.emplace_back(std::move(key), reader.value());
    return !entries.back().second.empty();
  });
}

}  // namespace EDDY_HIDDEN
}  // namespace eddy
