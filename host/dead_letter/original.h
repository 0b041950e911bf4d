// SPDX-License-Identifier: Apache-2.0
// The original's bytes as the JSON value of an envelope.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace eddy::host {

// How `original_record` is to be read back to the exact bytes.
enum class OriginalEncoding : std::uint8_t { kJson, kUtf8, kBase64, kEncrypted };

constexpr std::string_view to_text(OriginalEncoding encoding) {
  switch (encoding) {
    case OriginalEncoding::kJson:
      return "json";
    case OriginalEncoding::kUtf8:
      return "utf8";
    case OriginalEncoding::kBase64:
      return "base64";
    case OriginalEncoding::kEncrypted:
      return "encrypted";
  }
  return "";
}

// Keeps its parser. Not thread-safe.
class OriginalEncoder {
 public:
  OriginalEncoder();

  // Appends `original` to `out`: as it is when it is one JSON value, as a JSON string when it is UTF-8, else as base64.
  // Null becomes `null`, told from the text `null` by its encoding (utf8). 64 readable bytes follow `original`.
  OriginalEncoding append(std::string& out, Bytes original);

 private:
  void renew();
  bool is_json(std::string_view text);

  simdjson::dom::parser parser_;
};

}  // namespace eddy::host
