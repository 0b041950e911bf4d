// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/normalise.h"

#include <array>
#include <cstdint>

namespace eddy::host {

namespace {

enum Class : std::uint8_t { kOther = 0, kDigit = 1, kHexLetter = 2, kLetter = 4, kQuote = 8, kSign = 16 };

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = kDigit;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = c <= 'f' ? kHexLetter : kLetter;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = c <= 'F' ? kHexLetter : kLetter;
  for (std::size_t c = 0x80; c < 0x100; ++c) table[c] = kLetter;
  table['_'] = kLetter;
  table['"'] = table['\''] = table['`'] = kQuote;
  table['-'] = table['+'] = kSign;
  return table;
}
constexpr auto kClasses = make_classes();

constexpr std::uint8_t kWord = kDigit | kHexLetter | kLetter;
constexpr std::uint8_t kHex = kDigit | kHexLetter;

bool in(char c, std::uint8_t classes) { return (kClasses[static_cast<std::uint8_t>(c)] & classes) != 0; }

bool digit_at(std::string_view text, std::size_t at) { return at < text.size() && in(text[at], kDigit); }

// End of the run of `classes` from `at` on.
std::size_t run(std::string_view text, std::size_t at, std::uint8_t classes) {
  while (at < text.size() && in(text[at], classes)) ++at;
  return at;
}

// Size of the quoted text at the front, quotes included; 0 when the quote does not close. An apostrophe inside a word
// closes nothing.
std::size_t quoted(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      ++i;
    } else if (text[i] == text[0] && (text[0] != '\'' || i + 1 == text.size() || !in(text[i + 1], kWord))) {
      return i + 1;
    }
  }
  return 0;
}

bool is_uuid(std::string_view text) {
  if (text.size() < 36 || (text.size() > 36 && in(text[36], kWord))) return false;
  for (std::size_t i = 0; i < 36; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !in(text[i], kHex)) return false;
  }
  return true;
}

// End of the number whose first digit is at `at`: fraction and exponent belong to it.
std::size_t number(std::string_view text, std::size_t at) {
  at = run(text, at, kDigit);
  while (at < text.size() && (text[at] == '.' || text[at] == ',') && digit_at(text, at + 1)) {
    at = run(text, at + 1, kDigit);
  }
  if (at < text.size() && (text[at] | 0x20) == 'e') {
    const std::size_t digits = at + 1 < text.size() && in(text[at + 1], kSign) ? at + 2 : at + 1;
    const std::size_t end = run(text, digits, kDigit);
    if (end > digits && (end == text.size() || !in(text[end], kWord))) return end;
  }
  return at;
}

bool is_hex(std::string_view word) {
  if (word.size() > 2 && word[0] == '0' && (word[1] | 0x20) == 'x') return run(word, 2, kHex) == word.size();
  if (word.size() < 8 || run(word, 0, kHex) != word.size()) return false;
  return run(word, 0, kHexLetter) != word.size() && run(word, 0, kDigit) != word.size();
}

// Appends a word that has digits, each run of them as a number. `text` begins with it. Says how much was taken: more
// than the word when its last number has a fraction.
std::size_t append_digits(std::string& out, std::string_view text, std::size_t size) {
  std::size_t at = 0;
  while (at < size) {
    const std::size_t letters = run(text, at, kWord & ~kDigit);
    out.append(text, at, letters - at);
    at = letters;
    if (at >= size) break;
    out.append("<n>");
    at = number(text, at);
  }
  return at;
}

// Appends the word at the front of `text` and says how much of it was taken. Most words have no digits and are plain.
std::size_t append_word(std::string& out, std::string_view text) {
  std::uint8_t seen = 0;
  std::size_t size = 0;
  for (; size < text.size() && in(text[size], kWord); ++size) seen |= kClasses[static_cast<std::uint8_t>(text[size])];
  if (size == 8 && (seen & ~kHex) == 0 && is_uuid(text)) {
    out.append("<uuid>");
    return 36;
  }
  if ((seen & kDigit) == 0) {
    out.append(text, 0, size);
    return size;
  }
  if (is_hex(text.substr(0, size))) {
    out.append("<hex>");
    return size;
  }
  return append_digits(out, text, size);
}

}  // namespace

void append_normalised(std::string& out, std::string_view message) {
  std::string_view text = message.substr(0, kNormalisedBytes);
  bool in_word = false;  // the character before was part of a word
  while (!text.empty()) {
    const char c = text.front();
    std::size_t taken = 1;
    if (in(c, kWord)) {
      taken = append_word(out, text);
      in_word = true;
    } else if (const std::size_t size = in(c, kQuote) && !(in_word && c == '\'') ? quoted(text) : 0; size != 0) {
      out.append("<text>");
      taken = size;
      in_word = false;
    } else {
      if (in_word || !in(c, kSign) || !digit_at(text, 1)) out.push_back(c);
      in_word = false;
    }
    text.remove_prefix(taken);
  }
}

}  // namespace eddy::host
