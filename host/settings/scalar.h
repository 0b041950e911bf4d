// SPDX-License-Identifier: Apache-2.0
// YAML scalars: their type by the YAML 1.2 core schema, and their text with environment variables replaced.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace eddy::host {

enum class ScalarType : std::uint8_t { kNull, kBool, kInteger, kFloat, kText };

// What a text without quotes is.
ScalarType resolve(std::string_view text);

std::optional<std::int64_t> to_integer(std::string_view text);
std::optional<double> to_number(std::string_view text);  // finite ones only

struct Scalar {
  std::string text;
  ScalarType type = ScalarType::kText;
  std::string problem;  // not empty: a variable could not be replaced
};

// Text in quotes is a text, unless a variable was replaced in it: "${N}" is what N holds, as flow style and JSON need
// the quotes.
Scalar read_scalar(const YAML::Node& node);

// True when no closing quote follows the opening one at `mark`, which yaml-cpp lets pass at the end of a file.
bool quote_left_open(std::string_view file_text, const YAML::Mark& mark);

}  // namespace eddy::host
