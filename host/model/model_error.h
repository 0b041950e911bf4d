// SPDX-License-Identifier: Apache-2.0
// Why a text does not fit a model, and the words for it.
#pragma once

#include <string>
#include <string_view>

#include "model/model.h"

namespace eddy::host {

struct ModelError {
  bool parse = false;    // ParseError: not JSON at all; else ValidationError
  std::string pointer;   // JSON pointer (RFC 6901) of the value; "" is the whole
  std::string expected;  // "a 64-bit integer"
  std::string found;     // "null", "the string \"9\"", "nothing"

  std::string_view type() const { return parse ? "ParseError" : "ValidationError"; }
  // "/US Gross: expected a 64-bit integer, found null"
  std::string message() const;
};

// "/name" with ~ and / escaped as RFC 6901 says.
std::string pointer_segment(std::string_view name);

// "a 64-bit integer", "one of red, green", "an object".
std::string expected_text(const ModelType& type);

// "null", "the number 9", "the string \"abc\"", "an array": a JSON token, cut to about 64 bytes.
std::string found_text(std::string_view token);

}  // namespace eddy::host
