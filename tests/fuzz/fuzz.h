// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets share: they say what must hold, and take their inputs apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace eddy::fuzz {

// What does not hold ends the process, and libFuzzer keeps the input.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

// An input, taken from its front. What is not there is zero or empty.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto first = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return first;
  }
  // A byte says how many follow.
  std::string_view text() { return take(byte()); }
  std::string_view rest() { return take(rest_.size()); }
  // Up to `end`, which goes too.
  std::string_view until(char end) {
    const std::size_t at = rest_.find(end);
    const std::string_view taken = take(at);
    if (!rest_.empty()) rest_.remove_prefix(1);
    return taken;
  }
  bool empty() const { return rest_.empty(); }

 private:
  std::string_view take(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view rest_;
};

// A copy with the 64 readable bytes behind it that simdjson asks for, and no more: they would complete many a text, and
// must not be looked at.
class Padded {
 public:
  explicit Padded(std::string_view text) : size_(text.size()), bytes_(new char[size_ + kPadding]) {
    static constexpr std::string_view kMisleading = "\"}]}]}]123e";
    if (size_ != 0) std::memcpy(bytes_.get(), text.data(), size_);
    for (std::size_t i = 0; i < kPadding; ++i) bytes_[size_ + i] = kMisleading[i % kMisleading.size()];
  }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  static constexpr std::size_t kPadding = 64;
  std::size_t size_;
  std::unique_ptr<char[]> bytes_;
};

inline bool within(std::string_view part, std::string_view whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

}  // namespace eddy::fuzz
