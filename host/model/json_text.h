// SPDX-License-Identifier: Apache-2.0
// A JSON text under its structural index, and the walk over it.
//
// simdjson's stage 1, which picks the best code for the CPU when the process starts, finds the start of every token
// outside strings and checks UTF-8, control characters in strings and closing quotes. What is left of the grammar is
// checked here, token by token, so that one pass can both check the whole text and pick values out of it.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "model/json_scalar.h"

namespace simdjson::internal {
class dom_parser_implementation;
}

namespace eddy::host {

constexpr std::size_t kJsonPadding = 64;  // readable bytes that must follow a text

// For keys with their quotes and colon: at least 4 bytes, seldom many, so a call to memcmp would be half the cost.
inline bool same_bytes(const char* a, const char* b, std::size_t size) {
  const auto differ = [a, b]<typename Word>(std::size_t at, Word) {
    Word x;
    Word y;
    std::memcpy(&x, a + at, sizeof x);
    std::memcpy(&y, b + at, sizeof y);
    return x != y;
  };
  if (size < 8) return !differ(0, std::uint32_t{}) && !differ(size - 4, std::uint32_t{});
  for (std::size_t at = 0; at + 8 < size; at += 8) {
    if (differ(at, std::uint64_t{})) return false;
  }
  return !differ(size - 8, std::uint64_t{});
}

// A position in an indexed text. Cheap to copy: a copy is a bookmark.
class JsonWalker {
 public:
  JsonWalker() = default;
  JsonWalker(const char* text, const std::uint32_t* index, std::uint32_t count, bool escapes)
      : text_(text), index_(index), count_(count), escapes_(escapes) {}

  bool at_end() const { return at_ == count_; }
  // First byte of the token here; NUL at the end of the text.
  char peek() const { return at_ < count_ ? text_[index_[at_]] : '\0'; }
  void next() { ++at_; }
  bool take(char c) {
    if (peek() != c) return false;
    next();
    return true;
  }
  // The token here: up to the next one, without the white space between. Not at the end.
  std::string_view token() const {
    const char* begin = text_ + index_[at_];
    const char* end = text_ + index_[at_ + 1];  // past the last token the index holds the size of the text
    while (end[-1] <= ' ' && is_json_space(end[-1])) --end;
    return {begin, static_cast<std::size_t>(end - begin)};
  }
  // Takes a string token; its content still has its escapes, which has_escapes() and check_escapes() are for.
  bool take_string(std::string_view& content) {
    if (peek() != '"') return false;
    content = token();
    if (content.size() < 2 || content.back() != '"') return false;
    content = content.substr(1, content.size() - 2);
    next();
    return true;
  }
  // Takes a member's name and its colon if they stand here exactly as in `key` ("name":), the common case by far.
  bool take_key(std::string_view key) {
    if (at_ >= count_ || index_[count_] - index_[at_] < key.size()) return false;
    if (!same_bytes(text_ + index_[at_], key.data(), key.size())) return false;
    at_ += 2;
    return true;
  }
  // True when the text has a backslash anywhere.
  bool escapes() const { return escapes_; }
  bool has_escapes(std::string_view content) const { return escapes_ && content.find('\\') != content.npos; }

  // Checks the value here and moves behind it; `levels` of nesting are allowed. False: stands at the faulty token.
  bool skip(unsigned levels);
  // The same, and gives the value's text.
  bool skip(unsigned levels, std::string_view& raw);

  std::uint32_t offset() const { return index_[at_]; }
  // True when skip() failed because of the levels it was allowed.
  bool too_deep() const { return too_deep_; }

 private:
  bool enter(unsigned levels);
  bool skip_object(unsigned levels);
  bool skip_array(unsigned levels);
  bool skip_string();
  bool skip_scalar();

  const char* text_ = nullptr;
  const std::uint32_t* index_ = nullptr;
  std::uint32_t count_ = 0;
  std::uint32_t at_ = 0;
  bool escapes_ = false;  // a backslash stands somewhere in the text
  bool too_deep_ = false;
};

// Builds the index and keeps its memory from text to text. Not thread-safe.
class JsonText {
 public:
  JsonText();
  ~JsonText();

  // Indexes a text that is followed by at least 64 readable bytes. The text must stay while it is walked.
  bool open(std::string_view text);
  JsonWalker walk() const;
  // True when the text is exactly one value of at most `levels` of nesting.
  bool check(unsigned levels);
  // Why open() or check() said no: "nothing", "bytes that are not UTF-8", "an unexpected } at byte 17".
  const std::string& fault() const { return fault_; }

  // Gives large memory back.
  void trim();

 private:
  bool reserve(std::size_t size);

  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser_;
  std::size_t capacity_ = 0;
  std::string_view text_;
  bool escapes_ = false;
  std::string fault_;
};

}  // namespace eddy::host
