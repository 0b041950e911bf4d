// SPDX-License-Identifier: Apache-2.0
// Values in a row of bytes: little-endian as the machine is, packed, both ends being the same program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>

#include "base/bytes.h"

namespace eddy::host {

// Writes into room that may be too small: what does not fit is only counted.
class WireWriter {
 public:
  explicit WireWriter(std::span<std::byte> room) : room_(room) {}

  template <typename T>
  requires std::is_trivially_copyable_v<T>
  void value(const T& value) { raw(&value, sizeof value); }
  // A length, then as many bytes; null and empty differ.
  void bytes(Bytes bytes) {
    value(bytes.null() ? kNull : static_cast<std::uint64_t>(bytes.size()));
    raw(bytes.data(), bytes.size());
  }
  void text(std::string_view text) { bytes(Bytes(text)); }

  // Leaves as many bytes as they are.
  void skip(std::size_t size) { size_ += size; }

  std::size_t size() const { return size_; }  // of all that was written
  bool fits() const { return size_ <= room_.size(); }

  static constexpr std::uint64_t kNull = std::numeric_limits<std::uint64_t>::max();

 private:
  void raw(const void* from, std::size_t size) {
    if (size != 0 && size_ + size <= room_.size()) std::memcpy(room_.data() + size_, from, size);
    size_ += size;
  }

  std::span<std::byte> room_;
  std::size_t size_ = 0;
};

// Reads what somebody else may still be writing: each value is taken once, and nothing past the end.
class WireReader {
 public:
  explicit WireReader(std::span<const std::byte> from) : from_(from) {}

  template <typename T>
  requires std::is_trivially_copyable_v<T> T value() {
    T value{};
    if (take(sizeof value)) std::memcpy(&value, from_.data() + at_ - sizeof value, sizeof value);
    return value;
  }
  // Borrowed from what is read.
  Bytes bytes() {
    const auto size = value<std::uint64_t>();
    if (size == WireWriter::kNull || !take(size)) return {};
    return {reinterpret_cast<const char*>(from_.data()) + at_ - size, static_cast<std::size_t>(size)};
  }
  std::string_view text() { return bytes().view(); }

  // False once something was missing; all values since are zero.
  bool good() const { return good_; }
  std::size_t left() const { return from_.size() - at_; }

 private:
  bool take(std::uint64_t size) {
    if (!good_ || size > left()) return good_ = false;
    at_ += static_cast<std::size_t>(size);
    return true;
  }

  std::span<const std::byte> from_;
  std::size_t at_ = 0;
  bool good_ = true;
};

}  // namespace eddy::host
