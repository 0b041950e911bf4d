// SPDX-License-Identifier: Apache-2.0
#include "triage/kept_letter.h"

#include <algorithm>
#include <optional>

namespace eddy::host {

namespace {

constexpr std::size_t kReadableBytes = 64;
constexpr std::uint32_t kNull = UINT32_MAX;  // in place of a size

void append_size(std::string& text, std::uint32_t size) {
  for (int shift = 0; shift < 32; shift += 8) text.push_back(static_cast<char>(size >> shift & 0xFF));
}

void append_bytes(std::string& text, const Bytes& bytes) {
  append_size(text, bytes.null() ? kNull : static_cast<std::uint32_t>(bytes.size()));
  text.append(bytes.view());
}

// Takes from the front of what is left.
class Unpacker {
 public:
  explicit Unpacker(std::string_view left) : left_(left) {}

  std::optional<std::uint32_t> size() {
    if (left_.size() < 4) return std::nullopt;
    std::uint32_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) size |= std::uint32_t{static_cast<unsigned char>(left_[i])} << (8 * i);
    left_.remove_prefix(4);
    return size;
  }
  std::optional<Bytes> bytes() {
    const auto count = size();
    if (!count) return std::nullopt;
    if (*count == kNull) return Bytes();
    if (*count > left_.size()) return std::nullopt;
    const Bytes taken(left_.data(), *count);
    left_.remove_prefix(*count);
    return taken;
  }
  bool empty() const { return left_.empty(); }

 private:
  std::string_view left_;
};

}  // namespace

std::string KeptRecord::pack(const Record& record) {
  std::string text;
  append_bytes(text, record.key);
  append_size(text, static_cast<std::uint32_t>(record.headers.size()));
  for (const Header& header : record.headers) {
    append_bytes(text, header.name);
    append_bytes(text, header.value);
  }
  append_bytes(text, record.value);
  return text;
}

Result<KeptRecord> KeptRecord::unpack(std::string_view packed) {
  const Error wrong{Code::kCorrupt, "a kept letter is not what was written: its queue may still hold it"};
  KeptRecord kept;
  kept.bytes_.assign(packed.size() + kReadableBytes, '\0');
  std::copy(packed.begin(), packed.end(), kept.bytes_.begin());
  Unpacker unpacker({kept.bytes_.data(), packed.size()});
  const auto key = unpacker.bytes();
  const auto headers = unpacker.size();
  if (!key || !headers) return wrong;
  kept.key_ = *key;
  for (std::uint32_t i = 0; i < *headers; ++i) {
    const auto name = unpacker.bytes();
    const auto value = unpacker.bytes();
    if (!name || !value) return wrong;
    kept.headers_.push_back({*name, *value});
  }
  const auto value = unpacker.bytes();
  if (!value || !unpacker.empty()) return wrong;
  kept.value_ = *value;
  return kept;
}

Record KeptRecord::record() const {
  Record record;
  record.key = key_;
  record.value = value_;
  record.headers = headers_;
  return record;
}

Record KeptLetter::record() const {
  Record record = kept.record();
  record.partition = place.partition;
  record.offset = place.offset;
  record.timestamp_us = timestamp_us;
  return record;
}

}  // namespace eddy::host
