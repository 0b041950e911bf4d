// SPDX-License-Identifier: Apache-2.0
#include "model/decoder.h"

#include <cstring>

#include "model/row_decoder.h"

namespace eddy::host {
namespace {

constexpr unsigned kMaxJsonLevels = 1024;
constexpr std::size_t kKeptStack = (1 << 20) / sizeof(eddy_value);

const eddy_value* parse_error(const JsonText& text, ModelError& error) {
  error = ModelError{true, "", "JSON", text.fault()};
  return nullptr;
}

}  // namespace

struct Decoder::State {
  JsonText text;
  RowMemory memory;
};

Decoder::Decoder() : state_(std::make_unique<State>()) {}
Decoder::~Decoder() = default;

const eddy_value* Decoder::decode(const Model& model, std::string_view json, ModelError& error) {
  JsonText& text = state_->text;
  if (!text.open(json)) return parse_error(text, error);
  const eddy_value* row = decode_fast(model, text.walk(), state_->memory);
  if (row != nullptr) return row;
  if (!text.check(kMaxDecodeLevels)) return parse_error(text, error);
  return decode_careful(model, text.walk(), state_->memory, error);
}

const eddy_value* Decoder::decode_unpadded(const Model& model, std::string_view json, ModelError& error) {
  char* copy = state_->memory.arena.allocate(json.size() + kJsonPadding);
  json.copy(copy, json.size());
  std::memset(copy + json.size(), 0, kJsonPadding);
  return decode(model, {copy, json.size()}, error);
}

bool Decoder::is_json(std::string_view json) { return state_->text.open(json) && state_->text.check(kMaxJsonLevels); }

void Decoder::reset() {
  state_->memory.arena.reset();
  state_->text.trim();
  if (state_->memory.stack.capacity() > kKeptStack) state_->memory.stack = {};
}

}  // namespace eddy::host
