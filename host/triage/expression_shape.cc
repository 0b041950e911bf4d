// SPDX-License-Identifier: Apache-2.0
#include "triage/expression_shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string>
#include <vector>

namespace eddy::host::triage {

namespace {

// What would gather rows, or combine them. IN (SELECT …) does, but of a column no more than the index has of it.
constexpr std::string_view kNoPlace[] = {"WITH",     "JOIN",  "UNION", "EXCEPT", "INTERSECT",
                                         "DISTINCT", "GROUP", "ORDER", "OVER",   "WINDOW"};

constexpr int kMostLists = 4;  // of IN (SELECT …)

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || c == '_' || c == '$' || byte >= 0x80;
}

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

// The end of what is quoted from `at` on, or npos.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
  const char close = text[at] == '[' ? ']' : text[at];
  return text.find(close, at + 1);
}

std::string upper_word_at(std::string_view text, std::size_t at) {
  std::string word;
  for (; at < text.size() && is_word(text[at]); ++at) {
    word.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(text[at]))));
  }
  return word;
}

// What stands at the beginning, if an expression must not have it there.
std::string_view forbidden(std::string_view rest) {
  if (rest.starts_with("--") || rest.starts_with("/*")) return "comments have no place in it";
  if (rest.front() == ';') return "it is more than one statement";
  if (rest.front() == '?' || rest.front() == ':' || rest.front() == '@' || rest.front() == '#')
    return "parameters have no place in it: write the value";
  return rest.front() == '\0' ? "it has a NUL byte" : std::string_view();
}

// Follows brackets and keywords. Each call says what is wrong, or nothing.
class Shape {
 public:
  std::string word(std::string word) {
    if (std::find(std::begin(kNoPlace), std::end(kNoPlace), word) != std::end(kNoPlace)) {
      return word + " has no place in it";
    }
    if (word == "SELECT" && in_list_) {
      picking_ = true;
      if (++lists_ > kMostLists) return fmt::format("it has more than {} IN (SELECT …)", kMostLists);
    }
    if (word == "FROM") {
      sources_.push_back(depth_);
      picking_ = false;
    }
    before_ = std::move(word);
    in_list_ = false;
    return {};
  }

  std::string sign(char c) {
    if (picking_ && c != '.') return "IN (SELECT …) takes one column as it is: IN (SELECT id FROM letters WHERE …)";
    if (c == '(' && before_ == "FROM") return kOneSource;
    if (c == ',' && !sources_.empty() && sources_.back() == depth_) return kOneSource;
    in_list_ = c == '(' && (before_ == "IN" || in_list_);
    depth_ += c == '(' ? 1 : c == ')' ? -1 : 0;
    while (!sources_.empty() && sources_.back() > depth_) sources_.pop_back();
    before_.clear();
    return {};
  }

  int depth() const { return depth_; }

 private:
  static constexpr const char* kOneSource = "FROM takes letters alone: write another sub-SELECT for a second look";

  int depth_ = 0;
  std::vector<int> sources_;  // depths where a FROM stands
  std::string before_;        // the word before, in capitals
  bool in_list_ = false;      // nothing but brackets since IN
  bool picking_ = false;      // between SELECT and FROM of such a list
  int lists_ = 0;
};

}  // namespace

Error wrong_expression(std::string_view expression, std::string_view what) {
  return {Code::kUsage, fmt::format("where '{}': {}", expression, what)};
}

Result<void> check_shape(std::string_view expression) {
  Shape shape;
  for (std::size_t at = 0; at < expression.size() && shape.depth() >= 0; ++at) {
    const char c = expression[at];
    std::string what(forbidden(expression.substr(at)));
    if (c == '\'' || c == '"' || c == '`' || c == '[') {
      at = end_of_quoted(expression, at);
      if (at == std::string_view::npos) return wrong_expression(expression, fmt::format("a {} is not closed", c));
      what = shape.sign(c);
    } else if (is_word(c)) {
      std::string word = upper_word_at(expression, at);
      at += word.size() - 1;
      what = shape.word(std::move(word));
    } else if (what.empty() && !is_space(c)) {
      what = shape.sign(c);
    }
    if (!what.empty()) return wrong_expression(expression, what);
  }
  if (shape.depth() != 0) return wrong_expression(expression, "its brackets do not match");
  return {};
}

}  // namespace eddy::host::triage
