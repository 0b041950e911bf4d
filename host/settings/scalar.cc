// SPDX-License-Identifier: Apache-2.0
#include "settings/scalar.h"

#include <charconv>
#include <cmath>

#include "settings/environment.h"

namespace eddy::host {
namespace {

std::string_view without_plus(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  return text;
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::optional<std::int64_t> to_integer(std::string_view text) {
  text = without_plus(text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> to_number(std::string_view text) {
  text = without_plus(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

ScalarType resolve(std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return ScalarType::kNull;
  for (const std::string_view word : {"true", "True", "TRUE", "false", "False", "FALSE"}) {
    if (text == word) return ScalarType::kBool;
  }
  std::string_view digits = without_plus(text);
  if (digits.starts_with('-')) digits.remove_prefix(1);
  if (all_digits(digits)) return ScalarType::kInteger;
  // from_chars also takes "inf" and "nan", which are texts in YAML.
  if (digits.find_first_not_of("0123456789.eE+-") == std::string_view::npos && to_number(text)) {
    return ScalarType::kFloat;
  }
  return ScalarType::kText;
}

Scalar read_scalar(const YAML::Node& node) {
  Expanded expanded = expand_environment(node.Scalar());
  Scalar scalar{std::move(expanded.text), ScalarType::kText, std::move(expanded.problem)};
  const bool quoted = node.Tag() == "!" && !expanded.replaced;
  if (quoted || node.Tag() == "tag:yaml.org,2002:str") return scalar;
  scalar.type = resolve(scalar.text);
  // An empty variable is an empty text, not a missing value.
  if (scalar.type == ScalarType::kNull && expanded.replaced) scalar.type = ScalarType::kText;
  return scalar;
}

bool quote_left_open(std::string_view file_text, const YAML::Mark& mark) {
  if (file_text.starts_with("\xEF\xBB\xBF")) file_text.remove_prefix(3);
  for (int line = 0; line < mark.line; ++line) {
    const std::size_t end = file_text.find('\n');
    if (end == std::string_view::npos) return false;
    file_text.remove_prefix(end + 1);
  }
  const auto column = static_cast<std::size_t>(mark.column);
  if (column >= file_text.size()) return false;
  const char quote = file_text[column];
  if (quote != '"' && quote != '\'') return false;
  for (std::size_t i = column + 1; i < file_text.size(); ++i) {
    if (file_text[i] == '\\' && quote == '"') {
      ++i;
    } else if (file_text[i] == quote) {
      if (quote == '"' || i + 1 == file_text.size() || file_text[i + 1] != quote) return false;
      ++i;
    }
  }
  return true;
}

}  // namespace eddy::host
