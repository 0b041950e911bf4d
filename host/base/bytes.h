// SPDX-License-Identifier: Apache-2.0
// Borrowed bytes that tell null from empty.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "eddy/abi.h"

namespace eddy::host {

// A pointer and a size; owns nothing. Null (data() == nullptr) and empty differ, as in Kafka.
class Bytes {
 public:
  constexpr Bytes() = default;
  constexpr Bytes(const char* data, std::size_t size) : data_(data), size_(size) {}
  constexpr Bytes(std::string_view text) : data_(text.data() != nullptr ? text.data() : ""), size_(text.size()) {}
  Bytes(const std::string& text) : Bytes(std::string_view(text)) {}
  constexpr Bytes(const char* text) : data_(text), size_(text != nullptr ? std::char_traits<char>::length(text) : 0) {}
  constexpr explicit Bytes(eddy_str text) : data_(text.data), size_(text.size) {}

  constexpr const char* data() const { return data_; }
  constexpr std::size_t size() const { return size_; }
  constexpr bool null() const { return data_ == nullptr; }
  constexpr bool empty() const { return size_ == 0; }
  // Null becomes the empty view.
  constexpr std::string_view view() const { return {data_, size_}; }
  constexpr eddy_str abi() const { return {data_, size_}; }

  // Null equals only null.
  friend constexpr bool operator==(Bytes a, Bytes b) { return a.null() == b.null() && a.view() == b.view(); }

 private:
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

constexpr std::string_view to_view(eddy_str text) { return {text.data, text.size}; }
constexpr eddy_str to_abi(std::string_view text) { return {text.data() != nullptr ? text.data() : "", text.size()}; }

}  // namespace eddy::host
