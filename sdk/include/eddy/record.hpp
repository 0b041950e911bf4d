// SPDX-License-Identifier: Apache-2.0
// A record as it stands in its stream: bytes. Every view is valid until the call returns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

#include "eddy/host.hpp"
#include "eddy/timestamp.hpp"

namespace eddy {

struct Header {
  std::string_view name;
  std::string_view value;  // without data: null
};

// The headers in their order, repeats included.
class Headers {
 public:
  class Iterator {
   public:
    using value_type = Header;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    explicit Iterator(const eddy_header* at) : at_(at) {}
    Header operator*() const { return {detail::to_view(at_->name), detail::to_view(at_->value)}; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) { return Iterator(at_++); }
    bool operator==(const Iterator&) const = default;

   private:
    const eddy_header* at_ = nullptr;
  };

  Headers() = default;
  Headers(const eddy_header* data, std::uint64_t size) : data_(data), size_(static_cast<std::size_t>(size)) {}

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  Iterator begin() const noexcept { return Iterator(data_); }
  Iterator end() const noexcept { return Iterator(data_ + size_); }
  Header operator[](std::size_t i) const { return *Iterator(data_ + i); }

  // The first header of this name.
  std::optional<std::string_view> find(std::string_view name) const {
    for (const Header header : *this) {
      if (header.name == name) return header.value;
    }
    return std::nullopt;
  }
  const eddy_header* data() const noexcept { return data_; }

 private:
  const eddy_header* data_ = nullptr;
  std::size_t size_ = 0;
};

// What a raw function takes; returned, it passes the record's key, value and headers on as they are.
class Record {
 public:
  explicit Record(const eddy_record& record) : record_(&record) {}

  // A null key or value has no data() and no bytes; an empty one has data().
  std::string_view value() const noexcept { return detail::to_view(record_->value); }
  std::string_view key() const noexcept { return detail::to_view(record_->key); }
  bool has_value() const noexcept { return record_->value.data != nullptr; }  // false: a tombstone
  bool has_key() const noexcept { return record_->key.data != nullptr; }
  Headers headers() const noexcept { return {record_->headers, record_->header_count}; }
  std::optional<std::string_view> header(std::string_view name) const { return headers().find(name); }
  std::string_view stream() const noexcept { return detail::to_view(record_->stream); }
  std::uint32_t partition() const noexcept { return record_->partition; }
  std::int64_t offset() const noexcept { return record_->offset; }
  Timestamp timestamp() const noexcept { return Timestamp(record_->timestamp_us); }
  const eddy_record& abi() const noexcept { return *record_; }

 private:
  const eddy_record* record_;
};

}  // namespace eddy
