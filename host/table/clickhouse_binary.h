// SPDX-License-Identifier: Apache-2.0
// RowBinary, ClickHouse's format of values one after another: integers little-endian, texts behind their length.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace eddy::host::table {

template <typename T>
void append_binary(std::string& out, T value) {
  static_assert(std::endian::native == std::endian::little);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

inline void append_binary_text(std::string& out, std::string_view text) {
  for (std::size_t size = text.size();; size >>= 7) {
    out += static_cast<char>((size & 0x7f) | (size > 0x7f ? 0x80 : 0));
    if (size <= 0x7f) break;
  }
  out += text;
}

}  // namespace eddy::host::table
