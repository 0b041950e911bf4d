// SPDX-License-Identifier: Apache-2.0
// Reading what a plugin hands over: sizes and texts checked before they are copied.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/result.h"
#include "eddy/abi.h"
#include "plugin/note.h"

namespace eddy::host {

inline Error declaration_error(std::string text) { return Error{Code::kRefused, std::move(text)}; }

// A struct of the plugin's as this host knows it: members it did not give are zero. `smallest` is the size the struct
// had in the first minor of this major.
template <typename T>
Result<T> copy_struct(const T* from, std::size_t smallest, std::string_view what) {
  if (from == nullptr) return declaration_error(std::string(what) + ": the declaration is NULL");
  std::uint32_t size = 0;
  std::memcpy(&size, from, sizeof size);
  if (size < smallest || size > 65536) {
    return declaration_error(std::string(what) + ": struct_size: expected at least " + std::to_string(smallest) +
                             ", found " + std::to_string(size) + "; set it to the struct's sizeof");
  }
  T copy{};
  std::memcpy(&copy, from, size < sizeof copy ? size : sizeof copy);
  return copy;
}

// Null gives the empty string.
inline Result<std::string> copy_text(eddy_str text, std::string_view what) {
  if (text.data == nullptr) return std::string();
  if (text.size > 65536) {
    return declaration_error(std::string(what) + ": expected a text of at most 64 KiB, found " +
                             std::to_string(text.size) + " bytes");
  }
  return std::string(text.data, text.size);
}

// Null gives the empty string; anything else must be a name.
inline Result<std::string> copy_name(eddy_str text, std::string_view what) {
  EDDY_ASSIGN(std::string name, copy_text(text, what));
  if (text.data != nullptr && !is_name(name)) {
    return declaration_error(std::string(what) + ": expected 1 to 200 letters, digits, '_', '.' or '-', found \"" +
                             name.substr(0, 80) + "\"");
  }
  return name;
}

}  // namespace eddy::host
