// SPDX-License-Identifier: Apache-2.0
#include "model/json_text.h"

#include <simdjson.h>

#include <bit>
#include <cstring>
#include <limits>

namespace eddy::host {
namespace {

constexpr std::size_t kFirstCapacity = 4 << 10;
constexpr std::size_t kKeptCapacity = 1 << 20;
constexpr std::size_t kMaxText = std::numeric_limits<std::uint32_t>::max() - 64;  // the index counts in 32 bits

std::string stage1_fault(simdjson::error_code code) {
  switch (code) {
    case simdjson::EMPTY:
      return "nothing";
    case simdjson::UTF8_ERROR:
      return "bytes that are not UTF-8";
    case simdjson::UNCLOSED_STRING:
      return "a string without its closing quote";
    case simdjson::UNESCAPED_CHARS:
      return "a control character in a string";
    default:
      return std::string("an error of the parser: ") + simdjson::error_message(code);
  }
}

std::string unexpected(const JsonWalker& walker) {
  if (walker.at_end()) return "the end of the text";
  std::string_view token = walker.token();
  std::string text = "an unexpected ";
  if (token.size() > 32) {
    token = token.substr(0, 32);
    while (!simdjson::validate_utf8(token.data(), token.size())) token.remove_suffix(1);
    text.append(token).append("...");
  } else {
    text.append(token);
  }
  return text + " at byte " + std::to_string(walker.offset());
}

}  // namespace

bool JsonWalker::skip_string() {
  const JsonWalker here = *this;
  std::string_view content;
  if (!take_string(content)) return false;
  if (!escapes_ || check_escapes(content)) return true;
  *this = here;
  return false;
}

bool JsonWalker::skip_scalar() {
  if (at_end()) return false;
  const std::string_view word = token();
  switch (word.front()) {
    case 't':
      if (word != "true") return false;
      break;
    case 'f':
      if (word != "false") return false;
      break;
    case 'n':
      if (word != "null") return false;
      break;
    default:
      if (!JsonNumber::parse(word)) return false;
  }
  next();
  return true;
}

bool JsonWalker::enter(unsigned levels) {
  too_deep_ = levels == 0;
  if (!too_deep_) next();
  return !too_deep_;
}

bool JsonWalker::skip_object(unsigned levels) {
  if (!enter(levels)) return false;
  if (take('}')) return true;
  while (true) {
    if (!skip_string() || !take(':') || !skip(levels - 1)) return false;
    if (take('}')) return true;
    if (!take(',')) return false;
  }
}

bool JsonWalker::skip_array(unsigned levels) {
  if (!enter(levels)) return false;
  if (take(']')) return true;
  while (true) {
    if (!skip(levels - 1)) return false;
    if (take(']')) return true;
    if (!take(',')) return false;
  }
}

bool JsonWalker::skip(unsigned levels) {
  switch (peek()) {
    case '"':
      return skip_string();
    case '{':
      return skip_object(levels);
    case '[':
      return skip_array(levels);
    default:
      return skip_scalar();
  }
}

bool JsonWalker::skip(unsigned levels, std::string_view& raw) {
  if (at_end()) return false;
  const char* begin = text_ + offset();
  if (!skip(levels)) return false;
  const JsonWalker last(text_, index_ + at_ - 1, 1, false);
  const std::string_view end = last.token();
  raw = {begin, static_cast<std::size_t>(end.data() + end.size() - begin)};
  return true;
}

JsonText::JsonText() = default;
JsonText::~JsonText() = default;

bool JsonText::reserve(std::size_t size) {
  if (size <= capacity_) return true;
  const std::size_t wanted = std::min(kMaxText, std::max(kFirstCapacity, std::bit_ceil(size)));
  capacity_ = 0;
  const auto code = simdjson::get_active_implementation()->create_dom_parser_implementation(wanted, 1, parser_);
  if (code == simdjson::SUCCESS) capacity_ = wanted;
  return code == simdjson::SUCCESS;
}

bool JsonText::open(std::string_view text) {
  text_ = text;
  if (text.size() > kMaxText || !reserve(text.size())) {
    fault_ = "a text of " + std::to_string(text.size()) + " bytes, more than can be indexed";
    return false;
  }
  const auto code = text.empty() ? simdjson::EMPTY
                                 : parser_->stage1(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                                                   simdjson::stage1_mode::regular);
  if (code != simdjson::SUCCESS) {
    fault_ = stage1_fault(code);
    return false;
  }
  escapes_ = std::memchr(text.data(), '\\', text.size()) != nullptr;
  return true;
}

JsonWalker JsonText::walk() const {
  return {text_.data(), parser_->structural_indexes.get(), parser_->n_structural_indexes, escapes_};
}

bool JsonText::check(unsigned levels) {
  JsonWalker walker = walk();
  if (!walker.skip(levels)) {
    fault_ = walker.too_deep() ? "nesting deeper than " + std::to_string(levels) + " levels at byte " +
                                     std::to_string(walker.offset())
                               : unexpected(walker);
    return false;
  }
  if (!walker.at_end()) fault_ = "more after the value, at byte " + std::to_string(walker.offset());
  return walker.at_end();
}

void JsonText::trim() {
  if (capacity_ <= kKeptCapacity) return;
  parser_.reset();
  capacity_ = 0;
}

}  // namespace eddy::host
