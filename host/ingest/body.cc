// SPDX-License-Identifier: Apache-2.0
#include "ingest/body.h"

#include <simdjson.h>

#include <bit>
#include <cstring>

namespace eddy::host {
namespace {

constexpr std::size_t kFirstCapacity = 4 << 10;
constexpr std::size_t kKeptCapacity = 1 << 20;  // the index of a larger body is given back
constexpr std::size_t kKeptStack = (1 << 20) / sizeof(eddy_value);

std::string_view without_space(std::string_view text) {
  while (!text.empty() && is_json_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_json_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

BodyReader::BodyReader() = default;
BodyReader::~BodyReader() = default;

bool BodyReader::open(std::string_view body, BodyFormat format) {
  body_ = body;
  elements_.clear();
  is_json_.reset();
  if (format == BodyFormat::kDocument) return cut_document();
  cut_lines();
  return true;
}

void BodyReader::cut_lines() {
  std::string_view rest = body_;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const std::string_view line = without_space(rest.substr(0, end));
    if (!line.empty()) elements_.push_back({line, 0, 0});
    rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
  }
}

// simdjson's stage 1: where each token begins; UTF-8, closing quotes and control characters are checked with it.
bool BodyReader::index() {
  if (body_.empty()) return false;
  if (body_.size() > capacity_ || (capacity_ > kKeptCapacity && body_.size() <= kKeptCapacity)) {
    const std::size_t wanted = std::max(kFirstCapacity, std::bit_ceil(body_.size()));
    capacity_ = 0;
    const simdjson::implementation* simd = simdjson::get_active_implementation();
    if (simd->create_dom_parser_implementation(wanted, 1, parser_) != simdjson::SUCCESS) return false;
    capacity_ = wanted;
  }
  const auto code = parser_->stage1(reinterpret_cast<const std::uint8_t*>(body_.data()), body_.size(),
                                    simdjson::stage1_mode::regular);
  escapes_ = std::memchr(body_.data(), '\\', body_.size()) != nullptr;
  return code == simdjson::SUCCESS && parser_->n_structural_indexes > 0;
}

bool BodyReader::cut_document() {
  if (!index()) return false;
  if (body_[parser_->structural_indexes[0]] == '[') return cut_array();
  add(0, parser_->n_structural_indexes);
  return true;
}

void BodyReader::add(std::uint32_t first_token, std::uint32_t end_token) {
  const std::uint32_t* at = parser_->structural_indexes.get();
  const std::size_t begin = at[first_token];
  const std::size_t end = end_token < parser_->n_structural_indexes ? at[end_token] : body_.size();
  elements_.push_back({without_space(body_.substr(begin, end - begin)), first_token, end_token - first_token});
}

// Brackets are counted and not compared: where they do not match, an element is no JSON, and the decoder says so.
bool BodyReader::cut_array() {
  const std::uint32_t* at = parser_->structural_indexes.get();
  const std::uint32_t count = parser_->n_structural_indexes;
  std::uint32_t first = 1;
  unsigned depth = 1;
  for (std::uint32_t i = 1; i < count; ++i) {
    const char c = body_[at[i]];
    if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (--depth > 0) continue;
      if (c != ']' || i + 1 != count) return false;
      if (first == i) return elements_.empty();  // an empty array; else a comma before the end
      add(first, i);
      return true;
    } else if (c == ',' && depth == 1) {
      if (first == i) return false;
      add(first, i);
      first = i + 1;
    }
  }
  return false;
}

const eddy_value* BodyReader::decode(const Model& model, std::size_t i, ModelError& error) {
  memory_.arena.reset();
  if (memory_.stack.capacity() > kKeptStack) memory_.stack = {};
  const Element& element = elements_[i];
  if (element.tokens > 0) {
    const JsonWalker walker(body_.data(), parser_->structural_indexes.get() + element.first_token, element.tokens,
                            escapes_);
    if (const eddy_value* row = decode_fast(model, walker, memory_); row != nullptr) return row;
  }
  decoder_.reset();
  return decoder_.decode(model, element.text, error);
}

bool BodyReader::is_json() {
  if (!is_json_) is_json_ = decoder_.is_json(body_);
  return *is_json_;
}

ModelError BodyReader::fault(const Model& model) {
  ModelError error;
  decoder_.reset();
  if (decoder_.decode(model, body_, error) != nullptr || !error.parse) error = {true, "", "JSON", "other bytes"};
  return error;
}

bool BodyReader::blank() const { return without_space(body_).empty(); }

}  // namespace eddy::host
