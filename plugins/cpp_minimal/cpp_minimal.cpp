// SPDX-License-Identifier: Apache-2.0
// What c_minimal and rust_minimal do, on the C++ SDK: the transform `fahrenheit` reads lines such as "oslo 21.5" from
// the stream `celsius` and writes "OSLO 70.7" to the stream `fahrenheit`. A blank line is filtered. What it refuses
// goes to the queue `celsius_failed`. What it takes for impossible is an exception.
#define EDDY_NO_JSON
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <eddy/eddy.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

EDDY_PLUGIN_INFO("cpp_minimal", "1.0.0")

namespace {

std::string_view next_word(std::string_view& rest) {
  constexpr std::string_view kSpace = " \t\r\n";
  rest.remove_prefix(std::min(rest.find_first_not_of(kSpace), rest.size()));
  const std::string_view word = rest.substr(0, rest.find_first_of(kSpace));
  rest.remove_prefix(word.size());
  return word;
}

// Digits, with a sign and a point if need be.
std::optional<double> number_of(std::string_view word) {
  double number = 0;
  if (word.size() >= 64 || word.find_first_not_of("-.0123456789") != word.npos) return std::nullopt;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return number;
}

eddy::Result<std::optional<std::string>> fahrenheit(const eddy::Record& record) {
  if (!record.has_value()) return eddy::fail("NoValue", "the record has no value (a tombstone)");
  std::string_view rest = record.value();
  std::string line(next_word(rest));
  if (line.empty()) return std::optional<std::string>();
  const std::string_view word = next_word(rest);
  if (word.empty()) return eddy::fail("NoNumber", "a place without a temperature");
  const std::optional<double> celsius = number_of(word);
  if (!celsius) return eddy::fail("NotANumber", "the second word is not a number");
  if (*celsius < -273.15) throw std::logic_error("colder than cold");
  for (char& c : line) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  char number[100];
  std::snprintf(number, sizeof number, " %.1f", *celsius * 1.8 + 32.0);
  return std::optional(line + number);
}

}  // namespace

EDDY_PLUGIN(app) {
  auto failed = app.dead_letter_queue("celsius_failed");
  auto celsius = app.stream("celsius", {.dead_letter_queue = failed});
  celsius.add_transform<fahrenheit>(app.stream("fahrenheit"));
}
