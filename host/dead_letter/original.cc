// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/original.h"

#include "base/encoding.h"

namespace eddy::host {

namespace {

// Deeper originals are kept as text, so that every usual parser can read the envelope.
constexpr std::size_t kMaxDepth = 512;
constexpr std::size_t kFirstCapacity = 4096;
// A parser keeps about twelve bytes for each byte it has ever parsed; above this it is made anew.
constexpr std::size_t kKeptCapacity = std::size_t{1} << 20;

bool may_start_json(char c) {
  return c == '{' || c == '[' || c == '"' || c == '-' || (c >= '0' && c <= '9') || c == 't' || c == 'f' || c == 'n';
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

OriginalEncoder::OriginalEncoder() { renew(); }

void OriginalEncoder::renew() {
  parser_ = simdjson::dom::parser();
  // Without memory the parses that follow fail, and originals are kept as text.
  if (parser_.allocate(kFirstCapacity, kMaxDepth) != simdjson::SUCCESS) parser_.set_max_capacity(0);
}

bool OriginalEncoder::is_json(std::string_view text) {
  if (text.empty() || !may_start_json(text.front()) || is_space(text.back())) return false;
  const bool valid = parser_.parse(text.data(), text.size(), false).error() == simdjson::SUCCESS;
  if (text.size() > kKeptCapacity) renew();
  return valid;
}

OriginalEncoding OriginalEncoder::append(std::string& out, Bytes original) {
  if (original.null()) {
    out.append("null");
    return OriginalEncoding::kUtf8;
  }
  if (is_json(original.view())) {
    out.append(original.view());
    return OriginalEncoding::kJson;
  }
  if (is_utf8(original.view())) {
    append_json_utf8(out, original.view());
    return OriginalEncoding::kUtf8;
  }
  out.push_back('"');
  append_base64(out, original.view());
  out.push_back('"');
  return OriginalEncoding::kBase64;
}

}  // namespace eddy::host
