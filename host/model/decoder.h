// SPDX-License-Identifier: Apache-2.0
// JSON text in, a validated row of tagged values out. The same code serves functions and the ingest API.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "model/model.h"

namespace eddy::host {

// Why a text does not fit a model.
struct ModelError {
  bool parse = false;    // ParseError: not JSON at all; else ValidationError
  std::string pointer;   // JSON pointer (RFC 6901) of the value; "" is the whole
  std::string expected;  // "a 64-bit integer"
  std::string found;     // "null", "the string \"9\"", "nothing"

  std::string_view type() const { return parse ? "ParseError" : "ValidationError"; }
  // "/US Gross: expected a 64-bit integer, found null"
  std::string message() const;
};

// One per worker: keeps its parser and its arena from record to record. Not thread-safe.
//
// Outcomes that are defined (and tested): a repeated key - the last one counts; nesting beyond 64 levels - ParseError;
// bytes that are not UTF-8 - ParseError; an integer out of its type's range, a fraction for an integer -
// ValidationError; a number too large for a double - ValidationError; NUL in a string (\u0000) - kept; unknown fields -
// ignored; anything but white space after the value - ParseError.
class Decoder {
 public:
  Decoder();
  ~Decoder();

  // Decodes a value that is followed by at least 64 readable bytes. Returns the row (fields().size() values), or null
  // with `error` filled. The row, and strings in it, borrow from `json` and from the decoder: valid until its next
  // reset().
  const eddy_value* decode(const Model& model, std::string_view json, ModelError& error);

  // The same for text without padding: copies it first.
  const eddy_value* decode_unpadded(const Model& model, std::string_view json, ModelError& error);

  // True when `json` (padded) is exactly one JSON value, white space around it allowed.
  bool is_json(std::string_view json);

  // Frees the arena's values, keeps its memory (up to 1 MiB). Called once per record.
  void reset();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace eddy::host
