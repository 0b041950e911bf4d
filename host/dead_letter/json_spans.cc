// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/json_spans.h"

#include <simdjson.h>

#include <cstdint>

namespace eddy::host {

namespace {

using Pointers = std::vector<std::vector<std::string>>;
using Matching = std::vector<const std::vector<std::string>*>;  // pointers whose first tokens have matched so far

// Walks a text that a parser has found to be JSON: nothing is checked again.
class Walk {
 public:
  explicit Walk(std::string_view text) : text_(text) {}

  std::vector<JsonSpan> spans(const Pointers& pointers) {
    Matching all;
    for (const auto& pointer : pointers) all.push_back(&pointer);
    space();
    value(all, 0);
    return std::move(found_);
  }

 private:
  char here() const { return text_[at_]; }
  void space() {
    while (at_ < text_.size() && (here() == ' ' || here() == '\t' || here() == '\n' || here() == '\r')) ++at_;
  }

  void value(const Matching& matching, std::size_t depth) {
    const std::size_t begin = at_;
    for (const auto* pointer : matching) {
      if (pointer->size() != depth) continue;
      skip();
      found_.push_back({begin, at_});
      return;
    }
    if (matching.empty() || (here() != '{' && here() != '[')) return skip();
    here() == '{' ? object(matching, depth) : array(matching, depth);
  }

  void object(const Matching& matching, std::size_t depth) {
    ++at_;
    for (space(); here() != '}'; space()) {
      if (here() == ',') {
        ++at_;
        space();
      }
      const std::size_t begin = at_;
      string();
      const std::string_view token = text_.substr(begin, at_ - begin);
      space();
      ++at_;  // the colon
      space();
      value(of_member(matching, depth, json_unescaped(token).value_or(std::string(token))), depth + 1);
    }
    ++at_;
  }

  void array(const Matching& matching, std::size_t depth) {
    ++at_;
    std::uint64_t index = 0;
    for (space(); here() != ']'; space()) {
      if (here() == ',') {
        ++at_;
        space();
      }
      value(of_member(matching, depth, std::to_string(index++)), depth + 1);
    }
    ++at_;
  }

  static Matching of_member(const Matching& matching, std::size_t depth, const std::string& name) {
    Matching inner;
    for (const auto* pointer : matching) {
      if ((*pointer)[depth] == name || (*pointer)[depth] == "*") inner.push_back(pointer);
    }
    return inner;
  }

  void string() {
    for (++at_; here() != '"'; ++at_) {
      if (here() == '\\') ++at_;
    }
    ++at_;
  }

  // Past the value that begins here.
  void skip() {
    std::size_t open = 0;
    do {
      if (here() == '"') {
        string();
      } else if (here() == '{' || here() == '[') {
        ++open;
        ++at_;
      } else if (here() == '}' || here() == ']') {
        --open;
        ++at_;
      } else if (open != 0) {
        ++at_;
      } else {
        while (at_ < text_.size() && std::string_view(" \t\r\n,]}").find(here()) == std::string_view::npos) ++at_;
      }
    } while (open != 0);
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  std::vector<JsonSpan> found_;
};

bool parses(std::string_view text) {
  constexpr std::size_t kDeepest = 512;
  simdjson::dom::parser parser;
  if (parser.allocate(text.size(), kDeepest) != simdjson::SUCCESS) return false;
  return parser.parse(text.data(), text.size(), true).error() == simdjson::SUCCESS;
}

}  // namespace

std::optional<std::string> json_unescaped(std::string_view token) {
  if (token.size() < 2 || token.front() != '"') return std::nullopt;
  if (token.find('\\') == std::string_view::npos) return std::string(token.substr(1, token.size() - 2));
  simdjson::dom::parser parser;
  std::string_view text;
  if (parser.parse(token.data(), token.size(), true).get(text) != simdjson::SUCCESS) return std::nullopt;
  return std::string(text);
}

std::optional<std::vector<JsonSpan>> json_spans(std::string_view text, const Pointers& pointers) {
  if (!parses(text)) return std::nullopt;
  return Walk(text).spans(pointers);
}

}  // namespace eddy::host
