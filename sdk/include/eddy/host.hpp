// SPDX-License-Identifier: Apache-2.0
// The host's function table, and text as it crosses the ABI.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>

#include "eddy/abi.h"
#include "eddy/hidden.hpp"

namespace eddy::detail {

// Set once, before anything else of the plugin is called. Defined by EDDY_PLUGIN.
extern EDDY_HIDDEN const eddy_host* plugin_host;

// Null stays null: a view without data is null, a view of no bytes is empty.
constexpr eddy_str to_abi(std::string_view text) noexcept { return {text.data(), text.size()}; }
constexpr std::string_view to_view(eddy_str text) noexcept { return {text.data, static_cast<std::size_t>(text.size)}; }

// `count` elements that live until the call returns. Only for types that need no destructor.
template <class T>
T* scratch_array(eddy_call* call, std::size_t count) {
  if (count == 0) return nullptr;
  void* memory = plugin_host->scratch(call, count * sizeof(T));
  if (memory == nullptr) throw std::bad_alloc();
  return static_cast<T*>(memory);
}

// A copy of `text` that lives until the call returns; null stays null.
inline eddy_str scratch_copy(eddy_call* call, std::string_view text) {
  if (text.data() == nullptr) return {nullptr, 0};
  char* copy = scratch_array<char>(call, text.size() + 1);
  text.copy(copy, text.size());
  return {copy, text.size()};
}

}  // namespace eddy::detail
