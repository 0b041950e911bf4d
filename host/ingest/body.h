// SPDX-License-Identifier: Apache-2.0
// A body as the elements it has: each by its own bytes as they were sent, each decoded on its own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "ingest/content.h"
#include "model/decoder.h"
#include "model/row_decoder.h"

namespace simdjson::internal {
class dom_parser_implementation;
}

namespace eddy::host {

// One per server: keeps its memory. Not thread-safe.
//
// A document is an object (one element), an array (its elements) or any other JSON value (one element, which no model
// takes). Of lines each that is not blank is an element. An array is cut along one index of its tokens, which the
// decoder then reads on: a byte is looked at once.
class BodyReader {
 public:
  BodyReader();
  ~BodyReader();

  // The body, followed by kBodyPadding readable bytes, must stay while it is read. False: it cannot be cut into
  // elements, so it is no JSON; is_json() says the same.
  bool open(std::string_view body, BodyFormat format);

  std::size_t size() const { return elements_.size(); }
  // Without white space around it.
  std::string_view text(std::size_t i) const { return elements_[i].text; }
  // As Decoder::decode; valid until the next call.
  const eddy_value* decode(const Model& model, std::size_t i, ModelError& error);

  // Of the whole body: when an element is no JSON, its document may still be (only nested too deeply for a model).
  bool is_json();
  // Why the whole body is none.
  ModelError fault(const Model& model);
  // Blank: nothing was sent.
  bool blank() const;

 private:
  struct Element {
    std::string_view text;
    std::uint32_t first_token = 0;
    std::uint32_t tokens = 0;  // 0: not indexed
  };

  void cut_lines();
  bool cut_document();
  bool cut_array();
  bool index();
  void add(std::uint32_t first_token, std::uint32_t end_token);

  std::string_view body_;
  std::vector<Element> elements_;
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser_;
  std::size_t capacity_ = 0;
  bool escapes_ = false;
  std::optional<bool> is_json_;  // once somebody has asked
  RowMemory memory_;
  Decoder decoder_;
};

}  // namespace eddy::host
