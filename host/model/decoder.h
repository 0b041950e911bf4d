// SPDX-License-Identifier: Apache-2.0
// JSON text in, a validated row of tagged values out. The same code serves functions and the ingest API.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "model/model.h"
#include "model/model_error.h"

namespace eddy::host {

// One per worker: keeps its parser and its arena from record to record. Not thread-safe.
//
// The whole text is checked to be JSON, also the values of unknown fields, so a ValidationError is always about JSON.
// Outcomes that are defined (and tested):
//  - ParseError: bytes that are not UTF-8, half a surrogate pair, nesting beyond 64 levels, a byte order mark, anything
//    but white space after the value, nothing at all;
//  - ValidationError: the first misfit in the model's field order; an integer out of its type's range, a fraction or an
//    exponent for an integer (also 5.0), a number too large for a double, a time outside the years 0000 to 9999;
//  - a repeated key: the last one counts, earlier ones need only be JSON;
//  - NUL in a string (\u0000): kept; unknown fields: ignored; a number too small for a double: zero;
//  - optional: null or missing is absent; JSON field: null is a value, missing is not.
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

  // True when `json` (padded) is exactly one JSON value, white space around it allowed: RFC 8259 on UTF-8, numbers of
  // any size, at most 1024 levels, no half surrogate pairs.
  bool is_json(std::string_view json);

  // Frees the arena's values, keeps its memory (up to 1 MiB). Called once per record.
  void reset();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace eddy::host
