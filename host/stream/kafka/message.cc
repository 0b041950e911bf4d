// SPDX-License-Identifier: Apache-2.0
#include "stream/kafka/message.h"

#include <cstdint>
#include <cstring>
#include <new>

namespace eddy::host::kafka {

namespace {

constexpr std::size_t kPadding = 64;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif

// What follows the last byte in its page can be read, whoever it belongs to. Sanitizers rightly object, and a page ends
// somewhere: then a copy.
bool readable_after(const char* end) {
  constexpr std::uintptr_t kPage = 4096;
  const auto at = reinterpret_cast<std::uintptr_t>(end);
  return !kSanitized && (at - 1) / kPage == (at + kPadding - 1) / kPage;
}

Bytes padded(const char* data, std::size_t size, Arena& scratch) {
  static constexpr char kEmpty[kPadding + 1] = {};
  if (data == nullptr) return {};
  if (size == 0) return {kEmpty, 0};
  if (readable_after(data + size)) return {data, size};
  char* to = scratch.take(size + kPadding);
  std::memcpy(to, data, size);
  std::memset(to + size, 0, kPadding);
  return {to, size};
}

std::span<const Header> headers_of(rd_kafka_message_t& message, Arena& scratch) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  const std::size_t count = rd_kafka_header_cnt(headers);
  constexpr std::size_t kAlign = alignof(Header);
  char* room = scratch.take(count * sizeof(Header) + kAlign);
  room += (kAlign - reinterpret_cast<std::uintptr_t>(room) % kAlign) % kAlign;
  Header* const list = reinterpret_cast<Header*>(room);
  for (std::size_t i = 0; i < count; ++i) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    rd_kafka_header_get_all(headers, i, &name, &value, &size);
    new (list + i) Header{Bytes(name), Bytes(static_cast<const char*>(value), size)};
  }
  return {list, count};
}

}  // namespace

Record view(rd_kafka_message_t& message, Arena& scratch) {
  Record record;
  record.key = Bytes(static_cast<const char*>(message.key), message.key_len);
  record.value = padded(static_cast<const char*>(message.payload), message.len, scratch);
  record.headers = headers_of(message, scratch);
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t timestamp_ms = rd_kafka_message_timestamp(&message, &type);
  record.timestamp_us = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? 0 : timestamp_ms * 1000;
  record.offset = message.offset;
  record.partition = static_cast<std::uint32_t>(message.partition);
  return record;
}

}  // namespace eddy::host::kafka
